import type { ResourceType } from '@medplum/fhirtypes';
import { badRequest } from '../outcome/fhirError.ts';
import type { SearchQuery } from '../search/query.ts';
import type { Reader, SearchPage, Stored } from '../store/store.ts';
import type { Context } from './context.ts';
import { searchMerged } from './searchMerged.ts';

/** Rows of one page, while it grows: each resource once, and what is a match is not included too. */
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
const nameOf = ({ type, id }: Stored): string => `${type}/${id}`;

/**
 * One page of a search of several types, of queries that say the same of a type each: type by type in their order, or
 * merged where they are sorted. Its cursor names the type that goes on and holds the store's cursor of it.
 */
export async function searchSeveral(
  context: Context,
  reader: Reader,
  queries: readonly SearchQuery[],
  cursor?: string,
): Promise<SearchPage> {
  const [first] = queries;
  if (!first) return { matches: [], included: [] };
  const total = await totalOf(reader, queries);
  if (first.count === 0) return { matches: [], included: [], ...total };
  if (first.sort.length > 0) return { ...(await searchMerged(context, reader, queries, cursor)), ...total };
  const rows = new Growing();
  let { at, inner } = positionOf(queries, cursor);
  let next: string | undefined;
  for (let query = queries[at]; query; at += 1, query = queries[at]) {
    const left = first.count - rows.matches.length;
    const page = await reader.search({ ...pageOf(query, inner), count: Math.max(left, 1) });
    if (left > 0) rows.add(page);
    else if (page.matches.length > 0) next = `${query.type}.`;
    if (left > 0 && page.next !== undefined) next = `${query.type}.${page.next}`;
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
async function totalOf(reader: Reader, queries: readonly SearchQuery[]): Promise<{ total?: number }> {
  const [first] = queries;
  if (first?.total === 'none' && first.count > 0) return {};
  let total = 0;
  for (const query of queries) {
    const page = await reader.search({ ...query, count: 0 });
    total += page.total ?? 0;
  }
  return { total };
}

/** Which type goes on, and where; 400 for what this server did not make for these types. */
function positionOf(
  queries: readonly SearchQuery[],
  cursor: string | undefined,
): { at: number; inner: string | undefined } {
  if (cursor === undefined) return { at: 0, inner: undefined };
  const dot = cursor.indexOf('.');
  const type = cursor.slice(0, Math.max(dot, 0)) as ResourceType;
  const at = queries.findIndex((query) => query.type === type);
  if (at < 0) throw badRequest('malformed-cursor', 'The cursor was not made by this server for this search');
  const inner = cursor.slice(dot + 1);
  return { at, inner: inner === '' ? undefined : inner };
}
