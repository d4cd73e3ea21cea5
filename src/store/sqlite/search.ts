import type { ResourceType } from '@medplum/fhirtypes';
import type { SearchQuery } from '../../search/query.ts';
import type { SearchPage } from '../store.ts';
import { compileCriterion, type Condition, type Drive } from './compile.ts';
import { fromCursor, toCursor, type Position } from './cursor.ts';
import { includedOf } from './include.ts';
import { join, piece, type Piece } from './piece.ts';
import { byRids } from './read.ts';
import { after, sortColumns, type SortColumn } from './sort.ts';
import { typeSpan, type Shared } from './shared.ts';
import { walkOf, walkPage } from './walk.ts';

/** Rows that are looked at before a filter counts as one that selects little. */
const few = 2000;

/** A page of a search: first the rids, in order, then their rows. */
export function search(shared: Shared, query: SearchQuery): SearchPage {
  const conditions = query.filters.map((filter) => compileCriterion(shared.names, filter));
  const chosen = choose(shared, query, conditions);
  const total = query.total === 'none' && query.count > 0 ? {} : { total: count(shared, query, chosen) };
  if (query.count === 0) return { matches: [], included: [], ...total };
  const position = fromCursor(shared.secret, query);
  const rows = page(shared, query, chosen, position);
  const matches = byRids(
    shared,
    rows.slice(0, query.count).map(({ rid }) => rid),
  );
  const last = rows[query.count - 1];
  const next = rows.length > query.count && last ? { next: toCursor(shared.secret, query, last) } : {};
  return { matches, included: includedOf(shared, query, matches), ...total, ...next };
}

interface Chosen {
  readonly drives: readonly Drive[];
  readonly tests: readonly Piece[];
  readonly all: readonly Piece[]; // every filter as a test
  readonly size: number; // candidates, counted up to a limit
}

/** The filter whose rows are the candidates: the one with the fewest; the type itself where all have many. */
function choose(shared: Shared, query: SearchQuery, conditions: readonly Condition[]): Chosen {
  const whole: Drive = { table: 'resource d', where: wholeType(shared, query.type), ordered: true };
  let best: { readonly condition?: Condition; readonly drives: readonly Drive[]; readonly size: number } = {
    drives: [whole],
    size: Infinity,
  };
  for (const condition of conditions) {
    const { drives } = condition;
    if (!drives) continue;
    const ordered = drives.length === 1 && drives[0]?.ordered === true;
    const size = conditions.length === 1 && ordered && query.sort.length === 0 ? 0 : sizeOf(shared, drives);
    if (size < best.size && (ordered || size < few)) best = { condition, drives, size };
    if (size < 50) break;
  }
  return {
    drives: best.drives,
    tests: conditions.filter((c) => c !== best.condition).map((c) => c.test),
    all: conditions.map((c) => c.test),
    size: best.size,
  };
}

function sizeOf({ database }: Shared, drives: readonly Drive[]): number {
  const rows = drives.map(({ table, where }) =>
    piece(`SELECT 1 FROM ${table} WHERE ${where.sql}`, ...where.values),
  );
  const all = rows.map(({ sql }) => sql).join(' UNION ALL ');
  const found = database.get(
    `SELECT count(*) FROM (${all} LIMIT ${few})`,
    ...rows.flatMap(({ values }) => values),
  );
  return Number(found?.[0]);
}

const wholeType = (shared: Shared, type: ResourceType): Piece => {
  const from = shared.names.type(type) * typeSpan;
  return piece('d.rid > ? AND d.rid < ? AND method < 2', from, from + typeSpan);
};

/** The candidates as FROM and WHERE; rids come once each where `distinct` is asked of several or unordered rows. */
function from({ drives }: Chosen, beyond: number): Piece & { readonly where: Piece } {
  const [only] = drives;
  if (drives.length === 1 && only) {
    const where =
      beyond > 0 ? piece(`${only.where.sql} AND d.rid > ?`, ...only.where.values, beyond) : only.where;
    return { ...piece(only.table), where };
  }
  const rows = drives.map(({ table, where }) => `SELECT d.rid FROM ${table} WHERE ${where.sql}`);
  const values = drives.flatMap(({ where }) => where.values);
  return {
    ...piece(`(${rows.join(' UNION ')}) d`, ...values),
    where: beyond > 0 ? piece('d.rid > ?', beyond) : piece('1'),
  };
}

function count({ database, names }: Shared, query: SearchQuery, chosen: Chosen): number {
  if (query.filters.length === 0)
    return Number(
      database.get(
        'SELECT count(*) FROM resource WHERE type = ? AND method < 2',
        names.type(query.type),
      )?.[0],
    );
  if (findsNothing(chosen)) return 0;
  const { sql, values, where } = from(chosen, 0);
  const tests = join([where, ...chosen.tests], ' AND ', '1');
  const found = database.get(
    `SELECT count(DISTINCT d.rid) FROM ${sql} WHERE ${tests.sql}`,
    ...values,
    ...tests.values,
  );
  return Number(found?.[0]);
}

/** A test that is never true: asked of SQLite beside a partial index it would be refused ("no query solution"). */
const findsNothing = ({ tests, all }: Chosen): boolean => [...tests, ...all].some(({ sql }) => sql === '0');

/** The rows of a page and one more, which tells that there is a next page. */
function page(
  shared: Shared,
  query: SearchQuery,
  chosen: Chosen,
  position: Position | undefined,
): Position[] {
  if (findsNothing(chosen)) return [];
  const limit = query.count + 1;
  if (query.sort.length === 0) {
    const { sql, values, where } = from(chosen, position?.rid ?? 0);
    const tests = join([where, ...chosen.tests], ' AND ', '1');
    const rows = shared.database.all(
      `SELECT DISTINCT d.rid FROM ${sql} WHERE ${tests.sql} ORDER BY d.rid LIMIT ${limit}`,
      ...[...values, ...tests.values],
    );
    return rows.map(([rid]) => ({ rid: Number(rid), keys: [] }));
  }
  const [key] = query.sort;
  if (chosen.size >= few && query.sort.length === 1 && key?.parameter === '_lastUpdated')
    return recentPage(shared, query, { tests: chosen.all, position, isDescending: key.descending });
  const walk = chosen.size < few ? undefined : walkOf(shared, query.sort);
  if (walk) return walkPage(shared, query, { walk, tests: chosen.all, position });
  return sortedPage(shared, query, { chosen, position, columns: sortColumns(shared.names, query.sort) });
}

/** A whole type by _lastUpdated: its own index is in that order. */
function recentPage(
  { database, names }: Shared,
  query: SearchQuery,
  {
    tests,
    position,
    isDescending,
  }: { tests: readonly Piece[]; position: Position | undefined; isDescending: boolean },
): Position[] {
  const key = position?.keys[0] ?? 0;
  const past = piece(
    `d.updated ${isDescending ? '<=' : '>='} ? AND (d.updated <> ? OR d.rid > ?)`,
    ...[key, key, position?.rid ?? 0],
  );
  const all = join(position ? [...tests, past] : tests, ' AND ', '1');
  const rows = database.all(
    'SELECT d.rid, d.updated FROM resource d INDEXED BY resource_updated ' +
      `WHERE d.type = ? AND d.method < 2 AND ${all.sql} ` +
      `ORDER BY d.updated${isDescending ? ' DESC' : ''}, d.rid LIMIT ${query.count + 1}`,
    ...[names.type(query.type), ...all.values],
  );
  return rows.map(([rid, updated]) => ({ rid: Number(rid), keys: [Number(updated)] }));
}

interface Sorting {
  readonly chosen: Chosen;
  readonly position: Position | undefined;
  readonly columns: readonly SortColumn[];
}

function sortedPage(
  { database }: Shared,
  query: SearchQuery,
  { chosen, position, columns }: Sorting,
): Position[] {
  const { sql, values, where } = from(chosen, 0);
  const tests = join([where, ...chosen.tests], ' AND ', '1');
  const keys = columns.map((column, i) => `${column.value.sql} AS k${i}`).join(', ');
  const joins = columns.map((column) => column.join?.sql ?? '').join(' ');
  const inner = `SELECT DISTINCT d.rid AS rid, ${keys} FROM ${sql} ${joins} WHERE ${tests.sql}`;
  const past = position ? after(columns, position) : piece('1');
  const order = columns.map((c, i) => `k${i} IS NULL, k${i}${c.descending ? ' DESC' : ''}`).join(', ');
  const rows = database.all(
    `SELECT rid, ${columns.map((_, i) => `k${i}`).join(', ')} FROM (${inner}) WHERE ${past.sql} ` +
      `ORDER BY ${order}, rid LIMIT ${query.count + 1}`,
    ...columns.flatMap((c) => c.value.values),
    ...values,
    ...columns.flatMap((c) => c.join?.values ?? []),
    ...[...tests.values, ...past.values],
  );
  return rows.map(([rid, ...found]) => ({ rid: Number(rid), keys: found as (string | number | null)[] }));
}
