import { badRequest, conflict } from '../../outcome/fhirError.ts';
import type { Context } from '../context.ts';
import type { SearchQuery } from '../../search/query.ts';
import type { Reader, SearchPage, Stored } from '../../store/store.ts';
import { compareSorted, sortValues, type SortValue } from './searchOrder.ts';

/** One of the searches that together make the answer: of a type, in a store. */
export interface Part {
  readonly key: string; // names it in a cursor
  readonly reader: Reader;
  readonly query: SearchQuery;
}

/** The store's cursor of each part; null where it has no more rows; absent where none has been returned yet. */
type Positions = Record<string, string | null>;

interface Row {
  readonly stored: Stored;
  readonly values: readonly SortValue[];
  readonly of: number; // the place of its part
  readonly at: number; // its place in the page of its part
}

const malformed = () =>
  badRequest('malformed-cursor', 'The cursor was not made by this server for this search');

/**
 * One page of several types in one order. A page of each type is read from its cursor; the first rows of all make the
 * result, and each type is read once more for just the rows used of it, which gives its next cursor.
 */
export async function mergedSearch(
  { store, publicUrl: base }: Context,
  parts: readonly Part[],
  cursor: string | undefined,
): Promise<SearchPage> {
  const positions = positionsOf(parts, cursor);
  const open = parts.filter(({ key }) => positions[key] !== null);
  const pages: SearchPage[] = [];
  for (const part of open) pages.push(await pageOf(part, positions, part.query.count));
  const sort = open[0]?.query.sort ?? [];
  const rows = pages.flatMap((page, of) =>
    page.matches.map((stored, at): Row => {
      return {
        stored,
        values: sortValues(stored, open[of]?.query.sort ?? [], { registry: store.registry, base }),
        of,
        at,
      };
    }),
  );
  rows.sort((a, b) => compareSorted(a.values, b.values, sort) || a.of - b.of || a.at - b.at);
  const count = open[0]?.query.count ?? 0;
  const taken = rows.slice(0, count);
  const included = new Map<string, Stored>();
  for (const [of, part] of open.entries()) {
    const own = taken.filter((row) => row.of === of);
    const page = pages[of];
    const all = own.length === page?.matches.length;
    const exact = all || own.length === 0 ? page : await again(part, positions, own);
    if (own.length > 0) for (const row of exact?.included ?? []) included.set(nameOf(row), row);
    if (own.length > 0 || all) positions[part.key] = exact?.next ?? null;
  }
  for (const { stored } of taken) included.delete(nameOf(stored));
  const isMore = rows.length > count || open.some(({ key }) => typeof positions[key] === 'string');
  return {
    matches: taken.map(({ stored }) => stored),
    included: [...included.values()],
    ...(isMore ? { next: Buffer.from(JSON.stringify(positions)).toString('base64url') } : {}),
  };
}

const nameOf = ({ type, id, version }: Stored): string => `${type}/${id}/_history/${version}`;

function pageOf({ key, reader, query }: Part, positions: Positions, count: number): Promise<SearchPage> {
  const cursor = positions[key];
  return reader.search({
    ...query,
    count,
    total: 'none',
    ...(typeof cursor === 'string' ? { cursor } : {}),
  });
}

const triesMax = 10;

/** The page of just the rows that were taken, so that its cursor is after them, also when others are written meanwhile. */
async function again(part: Part, positions: Positions, taken: readonly Row[]): Promise<SearchPage> {
  const given = new Set(taken.map(({ stored }) => stored.id));
  let count = taken.length;
  for (let tries = 0; tries < triesMax; tries += 1) {
    const page = await pageOf(part, positions, count);
    const last = page.matches.findLastIndex(({ id }) => given.has(id));
    if (last >= 0 && last === page.matches.length - 1) return page;
    if (last >= 0) count = last + 1;
    else count = Math.min(part.query.count, count * 2);
  }
  throw conflict('changing', 'The resources change too fast for one order over several types; ask again');
}

function positionsOf(parts: readonly Part[], cursor: string | undefined): Positions {
  if (cursor === undefined) return {};
  let found: unknown;
  try {
    found = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw malformed();
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found)) throw malformed();
  const known = new Set(parts.map(({ key }) => key));
  const positions: Positions = {};
  for (const [key, at] of Object.entries(found) as [string, unknown][]) {
    if (!known.has(key) || (at !== null && typeof at !== 'string')) throw malformed();
    positions[key] = at;
  }
  return positions;
}
