import type { SqliteState } from '../connection/sqliteState.ts';

/** One query while it is compiled. */
export interface Compiling {
  readonly state: SqliteState;
  /** A name for a table that no other part of the statement has. */
  readonly alias: () => string;
}

export function compiling(state: SqliteState): Compiling {
  let last = 0;
  return { state, alias: () => `t${++last}` };
}
