import { storedFields, storedOf, type ResourceDocument } from '../connection/collections.ts';
import type { Stored } from '../../store.ts';
import type { Position } from './cursor.ts';

/** A row of a page: its position in the order, and its version. */
export interface Found extends Position {
  readonly reference: string;
  readonly stored: Stored;
}

/** The fields that a row of a page needs. */
export const rowFields = { ...storedFields, o: 1 } as const;

export const foundOf = (row: ResourceDocument, keys: Position['keys'] = []): Found => ({
  reference: row._id,
  order: row.o,
  keys,
  stored: storedOf(row._id, row.v, row),
});
