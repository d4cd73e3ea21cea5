import type { SearchQuery } from '../../search/query.ts';
import type { Compiled } from './compile.ts';
import { all, placesOf } from './criterion.ts';
import type { Position } from './cursor.ts';
import { dateKey } from './entries.ts';
import type { Match } from './range.ts';
import { within, type View } from './shared.ts';

/** A sort by one date, read off the index that is in its order. */
export interface Walk {
  readonly field: string;
  readonly isDescending: boolean;
}

/**
 * How to walk by the only sort key; undefined where rows have to be sorted: by anything but one date, or down from the
 * latest while a resource has several (the index knows the earliest).
 */
export async function walkOf(
  view: View,
  { sort }: SearchQuery,
  compiled: Compiled,
): Promise<Walk | undefined> {
  const [key, ...others] = sort;
  if (!key || others.length > 0 || compiled.stages.length > 0) return undefined;
  const { parameter, descending } = key;
  if (typeof parameter === 'string' || parameter.kind !== 'date') return undefined;
  const [place, ...more] = placesOf(parameter);
  if (!place || more.length > 0) return undefined;
  if (descending) {
    const several = await view.shared.collections.resource.findOne(
      { d: { $elemMatch: { g: ~place.no } } },
      { projection: { _id: 1 }, ...within(view) },
    );
    if (several) return undefined;
  }
  return { field: `a.${dateKey(place.no)}`, isDescending: descending };
}

interface Row {
  readonly reference: string;
  readonly order: number;
  readonly keys: Position['keys'];
}

/** The rows of a page and one more: first those with a value, in its order, then those without, by first creation. */
export async function walkPage(
  view: View,
  query: SearchQuery,
  { match }: Compiled,
  { walk, position }: { readonly walk: Walk; readonly position: Position | undefined },
): Promise<Row[]> {
  const limit = query.count + 1;
  const key = position?.keys[0];
  const valued = position && key === null ? [] : await withValue(view, match, { walk, position, limit });
  if (valued.length === limit) return valued;
  const without: Match[] = [match, { [walk.field]: { $exists: false } }];
  if (position && key === null) without.push({ o: { $gt: position.order } });
  const rows = await view.shared.collections.resource
    .find(all(without), { projection: { o: 1 }, ...within(view) })
    .sort({ o: 1 })
    .limit(limit - valued.length)
    .toArray();
  return [...valued, ...rows.map(({ _id, o }) => ({ reference: _id, order: o, keys: [null] }))];
}

/** First the value that the page ends at, off the index, then all up to it, those of one value by first creation. */
async function withValue(
  view: View,
  match: Match,
  {
    walk,
    position,
    limit,
  }: { readonly walk: Walk; readonly position: Position | undefined; readonly limit: number },
): Promise<Row[]> {
  const { resource } = view.shared.collections;
  const { field, isDescending } = walk;
  const sign = isDescending ? -1 : 1;
  const [beyond, upTo] = isDescending ? (['$lt', '$gte'] as const) : (['$gt', '$lte'] as const);
  const start = position?.keys[0];
  const from: Match[] = position
    ? [
        { [field]: { [isDescending ? '$lte' : '$gte']: start } },
        { $or: [{ [field]: { [beyond]: start } }, { o: { $gt: position.order } }] },
      ]
    : [{ [field]: { $gte: -Infinity } }];
  const wanted = all([match, ...from]);
  const fields = { o: 1, [field]: 1 };
  const [end] = await resource
    .find(wanted, { projection: fields, ...within(view) })
    .sort({ [field]: sign })
    .skip(limit - 1)
    .limit(1)
    .toArray();
  const value = end && valueIn(end, field);
  const rows = await resource
    .find(value === undefined ? wanted : all([wanted, { [field]: { [upTo]: value } }]), {
      projection: fields,
      ...within(view),
    })
    .sort({ [field]: sign, o: 1 })
    .limit(limit)
    .toArray();
  return rows.map((row) => ({ reference: row._id, order: row.o, keys: [valueIn(row, field) ?? null] }));
}

const valueIn = (row: { readonly a?: Readonly<Record<string, number>> }, field: string): number | undefined =>
  row.a?.[field.slice(2)];
