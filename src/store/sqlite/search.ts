import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { parseJson } from '../../datatypes/json.ts';
import { extract } from '../../search/extract.ts';
import type { Include, SearchQuery } from '../../search/query.ts';
import type { SearchPage, Stored } from '../store.ts';
import { compileFilter, type Condition, type Drive } from './compile.ts';
import { fromCursor, toCursor, type Position } from './cursor.ts';
import { join, piece, type Piece } from './piece.ts';
import { byRid, current } from './read.ts';
import { after, sortColumns, type SortColumn } from './sort.ts';
import { typeSpan, type Shared } from './shared.ts';

const utf8 = new TextDecoder();

/** Rows that are looked at before a filter counts as one that selects little. */
const few = 2000;

/** A page of a search: first the rids, in order, then their rows. */
export function search(shared: Shared, query: SearchQuery): SearchPage {
  const conditions = query.filters.map((filter) => compileFilter(shared.names, filter));
  const chosen = choose(shared, query, conditions);
  const total = query.total === 'none' && query.count > 0 ? {} : { total: count(shared, query, chosen) };
  if (query.count === 0) return { matches: [], included: [], ...total };
  const position = fromCursor(shared.secret, query);
  const rows = page(shared, query, chosen, position);
  const matches = rows.slice(0, query.count).map(({ rid }) => byRid(shared, rid));
  const last = rows[query.count - 1];
  const next = rows.length > query.count && last ? { next: toCursor(shared.secret, query, last) } : {};
  return { matches, included: includedOf(shared, query, matches), ...total, ...next };
}

interface Chosen {
  readonly drives: readonly Drive[];
  readonly tests: readonly Piece[];
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
    const size = conditions.length === 1 && ordered ? 0 : sizeOf(shared, drives);
    if (size < best.size && (ordered || size < few)) best = { condition, drives, size };
    if (size < 50) break;
  }
  return { drives: best.drives, tests: conditions.filter((c) => c !== best.condition).map((c) => c.test) };
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
  const { sql, values, where } = from(chosen, 0);
  const tests = join([where, ...chosen.tests], ' AND ', '1');
  const found = database.get(
    `SELECT count(DISTINCT d.rid) FROM ${sql} WHERE ${tests.sql}`,
    ...values,
    ...tests.values,
  );
  return Number(found?.[0]);
}

/** The rows of a page and one more, which tells that there is a next page. */
function page(
  shared: Shared,
  query: SearchQuery,
  chosen: Chosen,
  position: Position | undefined,
): Position[] {
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
  return sortedPage(shared, query, { chosen, position, columns: sortColumns(shared.names, query.sort) });
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

/** What _include and _revinclude add to a page: current resources, each once, none that is a match. */
function includedOf(shared: Shared, query: SearchQuery, matches: readonly Stored[]): Stored[] {
  if (query.include.length + query.revinclude.length === 0) return [];
  const seen = new Set(matches.map(({ type, id }) => `${type}/${id}`));
  const included: Stored[] = [];
  const add = (stored: Stored | undefined): void => {
    if (!stored || stored.deleted || seen.has(`${stored.type}/${stored.id}`)) return;
    seen.add(`${stored.type}/${stored.id}`);
    included.push(stored);
  };
  for (const match of matches) {
    if (query.include.length > 0)
      for (const { type, id } of referred(shared, query.include, match)) add(current(shared, type, id));
    for (const include of query.revinclude)
      for (const rid of referring(shared, include, match)) add(byRid(shared, rid));
  }
  return included;
}

/** The entries of an include are under the codes of its origins, each to one type where that is given. */
const codesOf = ({
  parameter,
  target,
}: Include): { readonly code: string; readonly target: ResourceType | undefined }[] =>
  (parameter.from ?? [{ code: parameter.code }]).map((origin) => ({
    code: origin.code,
    target: 'target' in origin ? origin.target : target,
  }));

function referred(
  shared: Shared,
  include: readonly Include[],
  match: Stored,
): { type: ResourceType; id: string }[] {
  const entries = extract(parseJson(utf8.decode(match.json)) as Resource, shared.base);
  const wanted = include.flatMap((i) => codesOf(i).map((c) => ({ ...c, only: i.target })));
  return entries.flatMap((entry) => {
    if (entry.kind !== 'reference' || !entry.type) return [];
    const { type, id, parameter } = entry;
    const hit = wanted.some(
      ({ code, target, only }) =>
        code === parameter.code && [undefined, type].includes(target) && [undefined, type].includes(only),
    );
    return hit ? [{ type, id }] : [];
  });
}

function referring({ database, names }: Shared, include: Include, match: Stored): number[] {
  const sql = 'SELECT rid FROM reference WHERE parameter = ? AND type = ? AND id = ? ORDER BY rid';
  return codesOf({ ...include, target: match.type }).flatMap(({ code, target }) =>
    target === match.type
      ? database
          .all(sql, names.byCode(include.source, code), names.type(match.type), match.id)
          .map(([rid]) => Number(rid))
      : [],
  );
}
