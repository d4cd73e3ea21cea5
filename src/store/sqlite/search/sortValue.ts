import type { SortContext, SortValue } from '../kind.ts';
import { sqlFragment, type SqlFragment } from './sqlFragment.ts';

/** Of several values of a resource the least counts, the greatest when descending. */
export const best = ({ descending }: SortContext, column: string): string =>
  `${descending ? 'max' : 'min'}(${column})`;

/** The rows of the parameter's entries. */
export const ofParameters = ({ numbers }: SortContext): SqlFragment =>
  sqlFragment(`parameter IN (${numbers.map(() => '?').join(', ')})`, ...numbers);

/** The value of a column of a table, looked up for each candidate. */
export function bestOf(context: SortContext, table: string, column: string): SortValue {
  const { sql, values } = ofParameters(context);
  return {
    value: sqlFragment(
      `(SELECT ${best(context, column)} FROM ${table} WHERE rid = d.rid AND ${sql})`,
      ...values,
    ),
  };
}
