import type { Shared } from '../connection/sqliteState.ts';

/** One query while it is compiled. */
export interface Compiling {
  readonly shared: Shared;
  /** A name for a table that no other part of the statement has. */
  readonly alias: () => string;
}

export function compiling(shared: Shared): Compiling {
  let last = 0;
  return { shared, alias: () => `t${++last}` };
}
