import type { SqlFragment } from './sqlFragment.ts';
import { sqlFragment } from './sqlFragment.ts';

/** A sort key whose index is in its order, so that a page is read off it without sorting the whole. */
export interface IndexOrder {
  readonly table: 'date' | 'string' | 'quantity' | 'token';
  readonly index: string; // INDEXED BY; empty for the table's own order
  readonly column: string;
  /** True for the row of a resource that counts, of several: the first in this order. */
  readonly isFirst: SqlFragment;
  readonly parameter: number;
  readonly isDescending: boolean;
}

/** True for the row of a resource that comes first by its value, and by `second` among those of one value. */
export function isFirstOf(
  { table, column, second }: { readonly table: string; readonly column: string; readonly second: string },
  isDescending: boolean,
): SqlFragment {
  const before = isDescending ? '>' : '<';
  const of = (alias: string): string => second.replaceAll(/\b(high|exact|system|code)\b/g, `${alias}.$1`);
  return sqlFragment(
    `NOT EXISTS (SELECT 1 FROM ${table} o WHERE o.rid = d.rid AND o.parameter = d.parameter ` +
      `AND (o.${column} ${before} d.${column} OR (o.${column} = d.${column} AND ${of('o')} < ${of('d')})))`,
  );
}
