import type { SqliteKind } from '../kind.ts';
import { never } from '../search/condition.ts';
import { sqlFragment } from '../search/sqlFragment.ts';
import { hasToken } from './token.ts';

/** A composite has no rows: it is tested on the resource itself. */
export const compositeKind: SqliteKind = {
  encode: () => undefined,
  filter: () => never,
  present: (_, { no }, at) => hasToken(no, at),
  sort: () => ({ value: sqlFragment('NULL') }),
};
