import type { MongoKind } from '../kind.ts';
import { never } from '../search/match.ts';

/** A composite has no entries: it is tested on the resource itself. */
export const compositeKind: MongoKind = {
  encode: () => undefined,
  filter: () => never,
  sort: () => ({ $literal: [] }),
};
