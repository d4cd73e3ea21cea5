import { badRequest } from '../../outcome/fhirError.ts';
import type { Criterion, SearchQuery } from '../../search/query.ts';
import type { Reader, SearchPage, Stored } from '../../store/store.ts';
import { hiddenIds } from '../conformance/builtIn.ts';
import type { Context } from '../context.ts';
import { mergedSearch, type Part } from './mergedSearch.ts';

export type { Part };

/** The parts of a query: stored resources, then those built in that no stored resource replaces. */
export async function partsOf(context: Context, reader: Reader, query: SearchQuery): Promise<Part[]> {
  const { builtIn, store } = context;
  const { type, filters } = query;
  const stored = { key: type, reader, query };
  const id = store.registry.parametersOf(type).get('_id');
  if (!builtIn?.ids.has(type) || !id || !asksForBuiltIn(query)) return [stored];
  const hidden = await hiddenIds(context, reader, type);
  const values = hidden.map((code) => ({ text: code, code }));
  const visible: Criterion[] =
    values.length > 0 ? [{ op: 'filter', parameter: id, modifier: 'not', values }] : [];
  const own = { ...query, filters: [...filters, ...visible] };
  return [stored, { key: `${type}~`, reader: await builtIn.reader(), query: own }];
}

/**
 * Definitions that are built in answer every search of their type. Basic is what users keep their own things in: the
 * shipped roles are found by their code or id, and stay out of every other search.
 */
const asksForBuiltIn = ({ type, filters }: SearchQuery): boolean =>
  type !== 'Basic' ||
  filters.some((each) => each.op === 'filter' && ['code', '_id'].includes(each.parameter.code));

/** The rows of one page: each resource once, a match not also as included. */
class Growing {
  readonly matches: Stored[] = [];
  readonly #included = new Map<string, Stored>();
  add(page: SearchPage): void {
    this.matches.push(...page.matches);
    for (const row of page.included) this.#included.set(nameOf(row), row);
  }
  get included(): Stored[] {
    for (const match of this.matches) this.#included.delete(nameOf(match));
    return [...this.#included.values()];
  }
}
const nameOf = ({ type, id, version }: Stored): string => `${type}/${id}/_history/${version}`;

/**
 * One page of several searches, whose queries say the same of a type each: part by part in their order, or merged where
 * they are sorted. Its cursor names the part that goes on and holds the store's cursor of it.
 */
export async function concatenatedSearch(
  context: Context,
  parts: readonly Part[],
  cursor?: string,
): Promise<SearchPage> {
  const first = parts[0]?.query;
  if (!first) return { matches: [], included: [] };
  const total = await totalOf(parts);
  if (first.count === 0) return { matches: [], included: [], ...total };
  if (first.sort.length > 0) return { ...(await mergedSearch(context, parts, cursor)), ...total };
  const rows = new Growing();
  let { at, inner } = positionOf(parts, cursor);
  let next: string | undefined;
  for (let part = parts[at]; part; at += 1, part = parts[at]) {
    const { key, reader, query } = part;
    const left = first.count - rows.matches.length;
    const page = await reader.search({ ...pageOf(query, inner), count: Math.max(left, 1) });
    if (left > 0) rows.add(page);
    else if (page.matches.length > 0) next = `${key}.`;
    if (left > 0 && page.next !== undefined) next = `${key}.${page.next}`;
    if (next !== undefined) break;
    inner = undefined;
  }
  return {
    matches: rows.matches,
    included: rows.included,
    ...total,
    ...(next === undefined ? {} : { next }),
  };
}

const pageOf = (query: SearchQuery, cursor: string | undefined): SearchQuery => ({
  ...query,
  total: 'none',
  ...(cursor === undefined ? {} : { cursor }),
});

/** The number of matches of all types, where it is asked for. */
async function totalOf(parts: readonly Part[]): Promise<{ total?: number }> {
  const first = parts[0]?.query;
  if (first?.total === 'none' && first.count > 0) return {};
  let total = 0;
  for (const { reader, query } of parts) {
    const page = await reader.search({ ...query, count: 0 });
    total += page.total ?? 0;
  }
  return { total };
}

/** The part that a cursor continues with, and the store's cursor; 400 for one not made for these types. */
function positionOf(
  parts: readonly Part[],
  cursor: string | undefined,
): { at: number; inner: string | undefined } {
  if (cursor === undefined) return { at: 0, inner: undefined };
  const dot = cursor.indexOf('.');
  const at = parts.findIndex(({ key }) => key === cursor.slice(0, Math.max(dot, 0)));
  if (at < 0) throw badRequest('malformed-cursor', 'The cursor was not made by this server for this search');
  const inner = cursor.slice(dot + 1);
  return { at, inner: inner === '' ? undefined : inner };
}
