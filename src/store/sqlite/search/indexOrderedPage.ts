import type { SearchQuery, SortKey } from '../../../search/query.ts';
import { kinds } from '../kinds.ts';
import type { Condition } from './condition.ts';
import type { Position } from './cursor.ts';
import type { IndexOrder } from './indexOrder.ts';
import { join, sqlFragment, type SqlFragment } from './sqlFragment.ts';
import { typeSpan, type SqliteState } from '../connection/sqliteState.ts';

/** The index order of the only sort key of a query; undefined where its rows have to be sorted. */
export function indexOrderOf(state: SqliteState, sort: readonly SortKey[]): IndexOrder | undefined {
  const [key] = sort;
  if (!key || sort.length > 1 || typeof key.parameter === 'string' || key.parameter.from) return undefined;
  const { parameter, descending: isDescending } = key;
  const order = kinds[parameter.kind].order?.(state, parameter, isDescending);
  return order && { ...order, parameter: state.names.parameter(parameter), isDescending };
}

interface OrderedRead {
  readonly order: IndexOrder;
  readonly conditions: readonly Condition[];
  readonly position: Position | undefined;
}

/** The rows of a page and one more: first those with a value, in its order, then those without, by first creation. */
export function indexOrderedPage(state: SqliteState, query: SearchQuery, read: OrderedRead): Position[] {
  const limit = query.count + 1;
  const key = read.position?.keys[0];
  const valued = read.position && key === null ? [] : withValue(state, read, limit);
  const isValued = read.conditions.some((c) => c.row?.parameter === read.order.parameter);
  if (valued.length === limit || isValued) return valued;
  return [...valued, ...withoutValue(state, query, read, limit - valued.length)];
}

function withValue({ database }: SqliteState, read: OrderedRead, limit: number): Position[] {
  const { order, position } = read;
  const { table, index, column, isFirst, parameter, isDescending } = order;
  const key = position?.keys[0] ?? null;
  const past =
    position && key !== null
      ? [
          sqlFragment(
            `d.${column} ${isDescending ? '<=' : '>='} ? AND (d.${column} <> ? OR d.rid > ?)`,
            key,
            key,
            position.rid,
          ),
        ]
      : [];
  const asked = askedOf(read);
  const all = join([sqlFragment('d.parameter = ?', parameter), ...past, ...asked, isFirst], ' AND ', '1');
  const rows = database.all(
    `SELECT d.rid, d.${column} FROM ${table} d ${index} WHERE ${all.sql} ` +
      `ORDER BY d.${column}${isDescending ? ' DESC' : ''}, d.rid LIMIT ${limit}`,
    ...all.values,
  );
  return rows.map(([rid, value]) => ({ rid: Number(rid), keys: [value as string | number] }));
}

/** The tests of the rows in index order, those that rule out rows by themselves first. */
function askedOf({ order, conditions }: OrderedRead): SqlFragment[] {
  const own = conditions.flatMap(({ row }) => (row?.parameter === order.parameter ? row.where : []));
  const others = conditions.filter(({ row }) => row?.parameter !== order.parameter);
  const ruled = others.flatMap(({ hint }) => hint?.where ?? []);
  return [...own, ...ruled, ...others.map((c) => c.test('d.rid', Infinity))];
}

function withoutValue(state: SqliteState, query: SearchQuery, read: OrderedRead, limit: number): Position[] {
  const { order, conditions, position } = read;
  const from = state.names.type(query.type) * typeSpan;
  const after = position?.keys[0] === null ? position.rid : from;
  const none = sqlFragment(
    order.table === 'token'
      ? 'd.rid NOT IN (SELECT rid FROM token WHERE parameter = ?)'
      : `NOT EXISTS (SELECT 1 FROM ${order.table} WHERE rid = d.rid AND parameter = ?)`,
    order.parameter,
  );
  const whole = sqlFragment('d.rid > ? AND d.rid < ? AND d.method < 2', after, from + typeSpan);
  const tests = conditions.map((c) => c.test('d.rid', Infinity));
  const all = join([whole, none, ...tests], ' AND ', '1');
  const rows = state.database.all(
    `SELECT d.rid FROM resource d WHERE ${all.sql} ORDER BY d.rid LIMIT ${limit}`,
    ...all.values,
  );
  return rows.map(([rid]) => ({ rid: Number(rid), keys: [null] }));
}
