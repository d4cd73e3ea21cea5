import type { ResourceType } from '@medplum/fhirtypes';
import { eachCriterion } from './eachCriterion.ts';
import type { SearchQuery } from './query.ts';

/** The types whose resources decide about a query. */
export function typesOf({ type, filters }: SearchQuery): ResourceType[] {
  const types = new Set<ResourceType>([type]);
  eachCriterion(type, filters, (criterion, of) => {
    types.add(of);
    if (criterion.op === 'chain') for (const target of criterion.targets) types.add(target.type);
    if (criterion.op === 'has') types.add(criterion.source);
  });
  return [...types];
}
