import type { Document } from 'mongodb';
import type { SearchQuery } from '../../../search/query.ts';
import type { ResourceDocument } from '../connection/collections.ts';
import type { Position } from './cursor.ts';
import { foundOf, type Found } from './found.ts';
import { within, type View } from '../connection/mongoState.ts';
import { after, keyStages, orderOf } from './sort.ts';
import { pipelineOf, type Compiled } from './compiled.ts';

type Row = ResourceDocument & Record<string, string | number | null>;

/** The rows of a page and one more, by whatever keys, sorted by the database. */
export async function sorted(
  view: View,
  query: SearchQuery,
  compiled: Compiled,
  position: Position | undefined,
): Promise<Found[]> {
  const past: Document[] = position ? [{ $match: after(query.sort, position) }] : [];
  const rows = await view.state.collections.resource
    .aggregate<Row>(
      [
        ...pipelineOf(compiled),
        ...keyStages(query.sort),
        ...past,
        { $sort: orderOf(query.sort) },
        { $limit: query.count + 1 },
      ],
      { allowDiskUse: true, ...within(view) },
    )
    .toArray();
  return rows.map((row) =>
    foundOf(
      row,
      query.sort.map((_, i) => row[`k${i}`] ?? null),
    ),
  );
}
