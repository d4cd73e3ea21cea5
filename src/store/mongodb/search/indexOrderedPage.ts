import type { Document } from 'mongodb';
import type { FilterValue, SearchQuery, SortKey } from '../../../search/query.ts';
import type { ResourceDocument } from '../connection/collections.ts';
import type { Position } from './cursor.ts';
import { startsOf } from '../kind/date.ts';
import { kinds } from '../kinds.ts';
import { foundOf, rowFields, type Found } from './found.ts';
import { isOfOneChart } from './isOfOneChart.ts';
import { sorted } from './sorted.ts';
import { within, type View } from '../connection/mongoState.ts';
import type { Compiled } from './compiled.ts';
import { all, always, any, type Match } from './match.ts';
import { placesOf } from './place.ts';

/** A sort by one moment or date, read off the index that is in its order. */
interface IndexOrder {
  readonly no?: number; // of the parameter; of _lastUpdated there is none
  readonly field: string;
  readonly isDescending: boolean;
  readonly index: Document; // the order of the index
}

/** The index order of the only sort key; undefined where rows are sorted, among them those of a single chart. */
export function indexOrderOf(query: SearchQuery, compiled: Compiled): IndexOrder | undefined {
  const [key, ...others] = query.sort;
  if (!key || others.length > 0 || compiled.stages.length > 0) return undefined;
  return isOfOneChart(query.filters) ? undefined : indexOrderBy(key);
}

function indexOrderBy({ parameter, descending: isDescending }: SortKey): IndexOrder | undefined {
  const sign = isDescending ? -1 : 1;
  if (parameter === '_lastUpdated') return { field: 'u', isDescending, index: { u: sign, w: sign } };
  if (parameter === '_id') return undefined;
  const { orderField } = kinds[parameter.kind];
  const [place, ...more] = placesOf(parameter);
  if (!orderField || !place || more.length > 0) return undefined;
  const field = orderField(place.no);
  return { no: place.no, field, isDescending, index: { [field]: sign } };
}

interface OrderedRead {
  readonly indexOrder: IndexOrder;
  readonly position: Position | undefined;
  readonly limit: number;
}

/** The rows of a page and one more: first those with a value, in its order, then those without, by first creation. */
export async function indexOrderedPage(
  view: View,
  query: SearchQuery,
  { match }: Compiled,
  { indexOrder, position }: { readonly indexOrder: IndexOrder; readonly position: Position | undefined },
): Promise<Found[]> {
  const limit = query.count + 1;
  const read = { indexOrder, position, limit };
  if (indexOrder.no === undefined) return inIndexOrder(view, all([{ h: query.type }, match]), read);
  const isPast = position !== undefined && position.keys[0] === null;
  const valued = isPast ? [] : await withDate(view, query, match, { ...read, no: indexOrder.no });
  if (valued.length === limit) return valued;
  const without: Match[] = [match, { [indexOrder.field]: { $exists: false } }];
  if (isPast) without.push({ o: { $gt: position.order } });
  const rows = await view.state.collections.resource
    .find(all(without), { projection: rowFields, ...within(view) })
    .sort({ o: 1 })
    .limit(limit - valued.length)
    .toArray();
  return [...valued, ...rows.map((row) => foundOf(row, [null]))];
}

/**
 * Where the sort key is also filtered by, resources with one period of a day at most lie between two ends of the index.
 * Where it descends, resources with several dates are not at the place of their latest date. Those, mostly none, are
 * found by queries of their own.
 */
async function withDate(
  view: View,
  query: SearchQuery,
  match: Match,
  read: OrderedRead & { readonly no: number },
): Promise<Found[]> {
  const { no, indexOrder, limit } = read;
  const filters = boundsOn(query, no);
  const several: Match = { d: { $elemMatch: { g: ~no } } };
  const long: Match = { d: { $elemMatch: { g: no } } };
  const [main, others] =
    filters.length > 0
      ? [
          all([match, { [indexOrder.field]: startsOf(filters), d: { $elemMatch: { p: no } } }]),
          [long, several],
        ]
      : indexOrder.isDescending
        ? [all([match, { d: { $not: several['d'] } }]), [several]]
        : [match, []];
  const parts = [await inIndexOrder(view, main, read)];
  if (others.length > 0 && (await isSome(view, all([match, any(others)]))))
    for (const other of others) {
      const rest = all([match, other]);
      parts.push(
        other === several && indexOrder.isDescending
          ? await sorted(view, query, { match: rest, stages: [], late: always }, read.position)
          : await inIndexOrder(view, rest, read),
      );
    }
  return inPlace(parts.flat(), indexOrder, limit);
}

const isSome = async (view: View, match: Match): Promise<boolean> =>
  (await view.state.collections.resource.findOne(match, { projection: { _id: 1 }, ...within(view) })) !==
  null;

const boundsOn = ({ filters }: SearchQuery, no: number): (readonly FilterValue[])[] =>
  filters.flatMap((one) =>
    one.op === 'filter' && one.modifier === undefined && placesOf(one.parameter)[0]?.no === no
      ? [one.values]
      : [],
  );

const inPlace = (rows: readonly Found[], { isDescending }: IndexOrder, limit: number): Found[] =>
  [...rows]
    .sort((one, other) => {
      const [a, b] = [Number(one.keys[0]), Number(other.keys[0])];
      return (isDescending ? b - a : a - b) || one.order - other.order;
    })
    .slice(0, limit);

/** Rows read beyond a page, so that mostly all rows with its last value are among them. */
const slack = 10;

/** The first rows by their value, those of one value by first creation. */
async function inIndexOrder(
  view: View,
  match: Match,
  { indexOrder, position, limit }: OrderedRead,
): Promise<Found[]> {
  const { field, isDescending, index } = indexOrder;
  const start = position?.keys[0];
  const rowsOf = async (wanted: readonly Match[], order: Document, limit_: number): Promise<Found[]> => {
    const rows = await view.state.collections.resource
      .find(all([match, ...wanted]), { projection: { ...rowFields, [field]: 1 }, ...within(view) })
      .sort(order)
      .limit(limit_)
      .toArray();
    return rows.map((row) => foundOf(row, [valueIn(row, field)]));
  };
  const past: Match[] = position
    ? [
        { [field]: { [isDescending ? '$lte' : '$gte']: start } },
        { $or: [{ [field]: { [isDescending ? '$lt' : '$gt']: start } }, { o: { $gt: position.order } }] },
      ]
    : [{ [field]: { $gte: -Infinity } }];
  const rows = await rowsOf(past, index, limit + slack);
  const last = rows.at(-1)?.keys[0];
  if (rows.length < limit + slack) return inPlace(rows, indexOrder, limit);
  const before = rows.filter(({ keys }) => keys[0] !== last);
  if (before.length >= limit) return inPlace(before, indexOrder, limit);
  const same: Match[] = [{ [field]: last }];
  if (last === start && position) same.push({ o: { $gt: position.order } });
  const ties = await rowsOf(same, { o: 1 }, limit - before.length);
  return [...inPlace(before, indexOrder, limit), ...ties];
}

const valueIn = ({ a, u }: ResourceDocument, field: string): number =>
  field === 'u' ? u : Number(a?.[field.slice(2)]);
