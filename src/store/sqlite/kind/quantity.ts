import type { FilterValue } from '../../../search/query.ts';
import type { FilterContext, SqliteKind } from '../kind.ts';
import { and, byResource, hasRow } from '../search/byIndex.ts';
import type { Condition } from '../search/condition.ts';
import { isFirstOf } from '../search/indexOrder.ts';
import { bestOf } from '../search/sortValue.ts';
import { join, sqlFragment, type SqlFragment } from '../search/sqlFragment.ts';

function filter({ state: { names }, place: { no } }: FilterContext, value: FilterValue): Condition {
  const unit: SqlFragment[] = [];
  if (value.system !== undefined) unit.push(sqlFragment('system = ?', names.system(value.system)));
  if (value.code !== undefined) unit.push(sqlFragment('code = ?', value.code));
  const range = and(no, quantityRange(value));
  const made = byResource('quantity', join([range, ...unit], ' AND ', '1'), 'quantity_low');
  return {
    ...made,
    accessPaths: (made.accessPaths ?? []).map((accessPath) => ({ ...accessPath, rough: range })),
  }; // whatever the unit
}

/** What an ordered search value asks of a number or quantity, which is a point (low = high) or a range, both ends inclusive. */
function quantityRange({ prefix, value = 0, low = 0, high = 0 }: FilterValue): SqlFragment {
  switch (prefix) {
    case 'ne':
      return sqlFragment('NOT (low >= ? AND high < ?)', low, high);
    case 'gt':
      return sqlFragment('high > ?', value);
    case 'lt':
      return sqlFragment('low < ?', value);
    case 'ge':
      return sqlFragment('high >= ?', value);
    case 'le':
      return sqlFragment('low <= ?', value);
    case 'sa':
      return sqlFragment('low > ?', value);
    case 'eb':
      return sqlFragment('high < ?', value);
    case 'ap':
      return sqlFragment('(low <= ? AND high >= ?)', high, low);
    default:
      return sqlFragment('(low >= ? AND low < ? AND high < ?)', low, high, high);
  }
}

const inOrder = { table: 'quantity', column: 'low', second: 'high || system || code' } as const;

/** Numbers and quantities. */
export const quantityKind: SqliteKind = {
  encode: (entry, no, { names, rid, signature, rows }) => {
    if (entry.kind !== 'quantity') return;
    const { low, high, system, code } = entry;
    rows.quantity.push(rid, no, low, high, names.internSystem(system), code, ...signature);
  },
  filter,
  present: (_, { no }, at) => hasRow('quantity', no, at),
  sort: (context) => bestOf(context, 'quantity', 'low'),
  order: (_state, _parameter, isDescending) => ({
    ...inOrder,
    index: 'INDEXED BY quantity_low',
    isFirst: isFirstOf(inOrder, isDescending),
  }),
};
