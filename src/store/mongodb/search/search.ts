import type { Filter as MongoFilter } from 'mongodb';
import type { SearchQuery } from '../../../search/query.ts';
import type { SearchPage } from '../../store.ts';
import { batchesOf, pageInBatches } from './batches.ts';
import { refuseBuilding } from '../index/building.ts';
import type { ResourceDocument } from '../connection/collections.ts';
import { compileSearch } from './compile.ts';
import { aboutSearch, fromCursor, toCursor, type Position } from './cursor.ts';
import { foundOf, rowFields, type Found } from './found.ts';
import { includedOf } from './include.ts';
import { within, type View } from '../connection/mongoState.ts';
import { sorted } from './sorted.ts';
import { totalOf } from './total.ts';
import { indexOrderOf, indexOrderedPage } from './indexOrderedPage.ts';
import { pipelineOf, type Compiled } from './compiled.ts';
import { all, never, type Match } from './match.ts';

export async function search(view: View, query: SearchQuery): Promise<SearchPage> {
  refuseBuilding(view.state, query);
  const { secret } = view.state;
  const about = aboutSearch(query);
  const position = fromCursor(secret, about, query.cursor);
  const total = query.total === 'none' && query.count > 0 ? {} : { total: await totalOf(view, query) };
  if (query.count === 0 || total.total === 0) return { matches: [], included: [], ...total };
  const rows = await pageOf(view, query, position);
  const shown = rows.slice(0, query.count);
  const matches = shown.map(({ stored }) => stored);
  const last = shown.at(-1);
  const next = rows.length > query.count && last ? { next: toCursor(secret, about, last) } : {};
  return { matches, ...(await includedOf(view, query, { matches, search })), ...total, ...next };
}

/** The rows of a page and one more, which tells that there is a next page. */
async function pageOf(view: View, query: SearchQuery, position: Position | undefined): Promise<Found[]> {
  const batches = await batchesOf(view, query);
  if (batches?.tests.length === 0) return inOrder(view, query, batches.candidates, position);
  const page = batches && (await pageInBatches(view, query, batches, position));
  if (page) return page;
  const compiled = await compileSearch(view, query);
  if (query.sort.length === 0) return inOrder(view, query, compiled, position);
  if (compiled.match === never || compiled.late === never) return [];
  const indexOrder = indexOrderOf(query, compiled);
  return indexOrder
    ? indexOrderedPage(view, query, compiled, { indexOrder, position })
    : sorted(view, query, compiled, position);
}

/** By first creation. */
async function inOrder(
  view: View,
  query: SearchQuery,
  compiled: Compiled,
  position: Position | undefined,
): Promise<Found[]> {
  if (compiled.match === never || compiled.late === never) return [];
  const { resource } = view.state.collections;
  const match = position ? all([compiled.match, { o: { $gt: position.order } }]) : compiled.match;
  const limit = query.count + 1;
  if (compiled.stages.length === 0) {
    const rows = await resource
      .find(match as MongoFilter<ResourceDocument>, {
        projection: rowFields,
        ...byName(match),
        ...within(view),
      })
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

/** A search by id uses the index of _id; the hint saves the planner's trials. */
const byName = (match: Match): { readonly hint?: string } =>
  typeof match['_id'] === 'string' ? { hint: '_id_' } : {};
