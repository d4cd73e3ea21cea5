import type { SearchQuery } from '../../../search/query.ts';
import type { SearchPage } from '../../store.ts';
import { refuseBuilding } from '../index/building.ts';
import { compileAll } from './compile.ts';
import { compiling } from './compiling.ts';
import type { Condition } from './condition.ts';
import { fromCursor, toCursor, type Position } from './cursor.ts';
import { includedOf } from './include.ts';
import { glued, join, sqlFragment, type SqlFragment } from './sqlFragment.ts';
import { candidates, first, testsOf } from './found.ts';
import { plan, type Plan } from './plan.ts';
import { byRids } from '../history/read.ts';
import { after, sortColumns, type SortColumn } from './sort.ts';
import type { SqliteState } from '../connection/sqliteState.ts';
import { totalOf } from './total.ts';
import { indexOrderOf, indexOrderedPage } from './indexOrderedPage.ts';
import { fillWords } from '../index/words.ts';

/** A page of a search: first the rids, in order, then their rows. */
export function search(state: SqliteState, query: SearchQuery): SearchPage {
  state.sync(false);
  refuseBuilding(state, query);
  fillWords(state, query);
  try {
    const conditions = compileAll(compiling(state), query.type, query.filters);
    const isCounted = query.total !== 'none' || query.count === 0;
    const total = isCounted ? { total: totalOf(state, query, conditions) } : {};
    if (query.count === 0) return { matches: [], included: [], ...total };
    return { ...pageOf(state, query, conditions), ...total };
  } finally {
    state.scans.clear();
  }
}

function pageOf(state: SqliteState, query: SearchQuery, conditions: readonly Condition[]): SearchPage {
  const rows = page(state, query, conditions, fromCursor(state.secret, query));
  const matches = byRids(
    state,
    rows.slice(0, query.count).map(({ rid }) => rid),
  );
  const last = rows[query.count - 1];
  const next = rows.length > query.count && last ? { next: toCursor(state.secret, query, last) } : {};
  return { matches, ...includedOf(state, query, matches), ...next };
}

/** The rows of a page and one more, which tells that there is a next page. */
function page(
  state: SqliteState,
  query: SearchQuery,
  conditions: readonly Condition[],
  position: Position | undefined,
): Position[] {
  const chosen = plan(state, query.type, conditions, query.sort.length === 0 ? 'first' : 'page');
  if (chosen.isNever) return [];
  const limit = query.count + 1;
  if (query.sort.length === 0) {
    const { sql, values } = first(chosen, position?.rid ?? 0, limit);
    const rows = state.database.all(sql, ...values);
    return rows.map(([rid]) => ({ rid: Number(rid), keys: [] }));
  }
  const [key] = query.sort;
  const tests = (): SqlFragment[] => chosen.all.map((c) => c.test('d.rid', Infinity));
  if (chosen.size >= state.few && query.sort.length === 1 && key?.parameter === '_lastUpdated')
    return recentPage(state, query, { tests: tests(), position, isDescending: key.descending });
  const order = chosen.size < state.few ? undefined : indexOrderOf(state, query.sort);
  if (order) return indexOrderedPage(state, query, { order, conditions: chosen.all, position });
  return sortedPage(state, query, {
    chosen,
    position,
    columns: sortColumns(state, query.sort, chosen.size),
  });
}

interface Recent {
  readonly tests: readonly SqlFragment[];
  readonly position: Position | undefined;
  readonly isDescending: boolean;
}

/** A whole type by _lastUpdated: its own index is in that order. */
function recentPage(
  { database, names }: SqliteState,
  query: SearchQuery,
  { tests, position, isDescending }: Recent,
): Position[] {
  const key = position?.keys[0] ?? 0;
  const past = sqlFragment(
    `d.updated ${isDescending ? '<=' : '>='} ? AND (d.updated <> ? OR d.rid > ?)`,
    ...[key, key, position?.rid ?? 0],
  );
  const all = join(position ? [past, ...tests] : tests, ' AND ', '1');
  const rows = database.all(
    'SELECT d.rid, d.updated FROM resource d INDEXED BY resource_updated ' +
      `WHERE d.type = ? AND d.method < 2 AND ${all.sql} ` +
      `ORDER BY d.updated${isDescending ? ' DESC' : ''}, d.rid LIMIT ${query.count + 1}`,
    ...[names.type(query.type), ...all.values],
  );
  return rows.map(([rid, updated]) => ({ rid: Number(rid), keys: [Number(updated)] }));
}

interface Sorting {
  readonly chosen: Plan;
  readonly position: Position | undefined;
  readonly columns: readonly SortColumn[];
}

function sortedPage(
  { database }: SqliteState,
  query: SearchQuery,
  { chosen, position, columns }: Sorting,
): Position[] {
  const { from, where } = candidates(chosen);
  const tests = join([where, ...testsOf(chosen)], ' AND ', '1');
  const keys = glued(
    columns.map(({ value }, i) => ({ sql: `${value.sql} AS k${i}`, values: value.values })),
    ', ',
  );
  const joins = glued(
    columns.flatMap((column) => column.join ?? []),
    ' ',
  );
  const past = position ? after(columns, position) : sqlFragment('1');
  const order = columns.map((c, i) => `k${i} IS NULL, k${i}${c.descending ? ' DESC' : ''}`).join(', ');
  const whole = glued(
    [
      sqlFragment(
        `SELECT rid, ${columns.map((_, i) => `k${i}`).join(', ')} FROM (SELECT DISTINCT d.rid AS rid,`,
      ),
      ...[keys, sqlFragment('FROM'), from, joins, sqlFragment('WHERE'), tests, sqlFragment(') WHERE'), past],
      sqlFragment(`ORDER BY ${order}, rid LIMIT ${query.count + 1}`),
    ],
    ' ',
  );
  const rows = database.all(whole.sql, ...whole.values);
  return rows.map(([rid, ...sortedBy]) => ({
    rid: Number(rid),
    keys: sortedBy as (string | number | null)[],
  }));
}
