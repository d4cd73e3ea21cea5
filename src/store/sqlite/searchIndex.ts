import type { DatabaseSync } from 'node:sqlite';
import type { Resource, ResourceType } from '@medplum/fhirtypes';
import type { SearchQuery } from '../../search/query.ts';
import type { SearchPage } from '../store.ts';
import type { Types } from './rows.ts';

/** The index of current resources by search parameter. */
export interface SearchIndex {
  /** Replaces the entries of one resource; `before` is what was indexed, none after a creation, `after` none after a deletion. */
  index(rid: number, type: ResourceType, before: Resource | undefined, after: Resource | undefined): void;
  search(query: SearchQuery): SearchPage;
  referrers(type: ResourceType, id: string, count: number): { references: string[]; total: number };
}

export function searchIndex(database: DatabaseSync, types: Types): SearchIndex {
  const later = (): never => {
    throw new Error(`not built yet: ${String(database.isOpen)} ${types.name(1)}`);
  };
  return { index: () => undefined, search: later, referrers: later };
}
