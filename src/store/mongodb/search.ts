import type { Document, Filter as MongoFilter } from 'mongodb';
import type { SearchQuery } from '../../search/query.ts';
import type { SearchPage, Stored } from '../store.ts';
import { refuseBuilding } from './building.ts';
import { storedFields, storedOf, type ResourceDocument } from './collections.ts';
import { compileSearch, type Compiled } from './compile.ts';
import { all, always, never } from './criterion.ts';
import { aboutSearch, fromCursor, toCursor, type Position } from './cursor.ts';
import { includedOf } from './include.ts';
import type { Match } from './range.ts';
import { byReferences } from './read.ts';
import { within, type View } from './shared.ts';
import { after, keyStages, orderOf } from './sort.ts';
import { walkOf, walkPage } from './walk.ts';

/** A row of a page: its place, and its version where it came along. */
interface Found extends Position {
  readonly reference: string;
  readonly stored?: Stored;
}

export async function search(view: View, query: SearchQuery): Promise<SearchPage> {
  refuseBuilding(view.shared, query);
  const { secret } = view.shared;
  const about = aboutSearch(query);
  const position = fromCursor(secret, about, query.cursor);
  const compiled = await compileSearch(view, query);
  const nothing = compiled.match === never || compiled.late === never;
  const total =
    query.total === 'none' && query.count > 0 ? {} : { total: nothing ? 0 : await count(view, compiled) };
  if (query.count === 0 || nothing) return { matches: [], included: [], ...total };
  const rows = await pageOf(view, query, compiled, position);
  const shown = rows.slice(0, query.count);
  const matches = await versionsOf(view, shown);
  const last = shown.at(-1);
  const next = rows.length > query.count && last ? { next: toCursor(secret, about, last) } : {};
  return { matches, included: await includedOf(view, query, matches), ...total, ...next };
}

async function versionsOf(view: View, rows: readonly Found[]): Promise<Stored[]> {
  const there = rows.flatMap(({ stored }) => stored ?? []);
  return there.length === rows.length
    ? there
    : byReferences(
        view,
        rows.map(({ reference }) => reference),
      );
}

/** The stages that give what was compiled. */
export const pipelineOf = ({ match, stages, late }: Compiled): Document[] => [
  { $match: match },
  ...stages,
  ...(late === always ? [] : [{ $match: late }]),
];

async function count(view: View, compiled: Compiled): Promise<number> {
  const { resource } = view.shared.collections;
  if (compiled.stages.length === 0) return resource.countDocuments(compiled.match, within(view));
  const [found] = await resource
    .aggregate<{ n: number }>([...pipelineOf(compiled), { $count: 'n' }], within(view))
    .toArray();
  return found?.n ?? 0;
}

/** The rows of a page and one more, which tells that there is a next page. */
async function pageOf(
  view: View,
  query: SearchQuery,
  compiled: Compiled,
  position: Position | undefined,
): Promise<Found[]> {
  const [key] = query.sort;
  if (!key) return inOrder(view, query, compiled, position);
  if (query.sort.length === 1 && key.parameter === '_lastUpdated' && compiled.stages.length === 0)
    return byTime(view, query, compiled, position);
  const walk = await walkOf(view, query, compiled);
  return walk ? walkPage(view, query, compiled, { walk, position }) : sorted(view, query, compiled, position);
}

const rowFields = { ...storedFields, o: 1 } as const;
const foundOf = (row: ResourceDocument, keys: Position['keys'] = []): Found => ({
  reference: row._id,
  order: row.o,
  keys,
  stored: storedOf(row._id, row.v, row),
});

/** By first creation. */
async function inOrder(
  view: View,
  query: SearchQuery,
  compiled: Compiled,
  position: Position | undefined,
): Promise<Found[]> {
  const { resource } = view.shared.collections;
  const match = position ? all([compiled.match, { o: { $gt: position.order } }]) : compiled.match;
  const limit = query.count + 1;
  if (compiled.stages.length === 0) {
    const rows = await resource
      .find(match as MongoFilter<ResourceDocument>, { projection: rowFields, ...within(view) })
      .sort({ o: 1 })
      .limit(limit)
      .toArray();
    return rows.map((row) => foundOf(row));
  }
  const [first, ...later] = pipelineOf({ ...compiled, match });
  const rows = await resource
    .aggregate<ResourceDocument>(
      [first ?? {}, { $sort: { o: 1 } }, ...later, { $limit: limit }, { $project: rowFields }],
      within(view),
    )
    .toArray();
  return rows.map((row) => foundOf(row));
}

/**
 * By _lastUpdated alone, off the index that is in that order: first the moment that the page ends at, then all from
 * there on, those of one moment by first creation.
 */
async function byTime(
  view: View,
  query: SearchQuery,
  compiled: Compiled,
  position: Position | undefined,
): Promise<Found[]> {
  const { resource } = view.shared.collections;
  const isDescending = query.sort[0]?.descending === true;
  const [beyond, from] = isDescending ? (['$lt', '$gte'] as const) : (['$gt', '$lte'] as const);
  const key = position?.keys[0];
  const past: Match[] = position
    ? [{ $or: [{ u: { [beyond]: key } }, { u: key, o: { $gt: position.order } }] }]
    : [];
  const match = all([{ h: query.type }, compiled.match, ...past]) as MongoFilter<ResourceDocument>;
  const sign = isDescending ? -1 : 1;
  const [end] = await resource
    .find(match, { projection: { u: 1 }, ...within(view) })
    .sort({ u: sign, w: sign })
    .skip(query.count)
    .limit(1)
    .toArray();
  const rows = await resource
    .find(end ? { $and: [match, { u: { [from]: end.u } }] } : match, {
      projection: rowFields,
      ...within(view),
    })
    .sort({ u: sign, o: 1 })
    .limit(query.count + 1)
    .toArray();
  return rows.map((row) => foundOf(row, [row.u]));
}

/** By whatever keys: first who is on the page, then their versions. */
async function sorted(
  view: View,
  query: SearchQuery,
  compiled: Compiled,
  position: Position | undefined,
): Promise<Found[]> {
  const rows = await view.shared.collections.resource
    .aggregate<{ _id: string; o: number } & Record<string, string | number | null>>(
      [
        ...pipelineOf(compiled),
        ...keyStages(query.sort),
        ...(position ? [{ $match: after(query.sort, position) }] : []),
        { $sort: orderOf(query.sort) },
        { $limit: query.count + 1 },
      ],
      { allowDiskUse: true, ...within(view) },
    )
    .toArray();
  return rows.map((row) => ({
    reference: row._id,
    order: row.o,
    keys: query.sort.map((_, i) => row[`k${i}`] ?? null),
  }));
}
