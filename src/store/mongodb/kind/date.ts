import type { Criterion, FilterValue } from '../../../search/query.ts';
import type { Document } from 'mongodb';
import { dateKey, day } from '../index/fields.ts';
import type { MongoKind } from '../kind.ts';
import { byValue } from '../search/byValue.ts';
import { any, type Match } from '../search/match.ts';
import { placesOf } from '../search/place.ts';

/**
 * What an ordered search value asks of a stretch of time { l, h }; 'high' is exclusive on both sides.
 * See https://hl7.org/fhir/R4/search.html#prefix
 */
function dateRange({ prefix, low = 0, high = 0 }: FilterValue): readonly Match[] {
  const inside = { l: { $gte: low, $lt: high }, h: { $lte: high } }; // $lt only keeps the index scan short
  switch (prefix) {
    case 'ne':
      return [{ $or: [{ l: { $lt: low } }, { l: { $gte: high } }, { h: { $gt: high } }] }];
    case 'gt':
      return [{ h: { $gt: high } }];
    case 'lt':
      return [{ l: { $lt: low } }];
    case 'ge':
      return [{ h: { $gt: high } }, inside];
    case 'le':
      return [{ l: { $lt: low } }, inside];
    case 'sa':
      return [{ l: { $gte: high } }];
    case 'eb':
      return [{ l: { $lt: low }, h: { $lte: low } }];
    case 'ap':
      return [{ l: { $lt: high }, h: { $gt: low } }];
    default:
      return [inside];
  }
}

/** The values of filters on one date parameter; of one filter they are alternatives. */
export type DateFilters = readonly (readonly FilterValue[])[];

interface Bounds {
  readonly from: number; // a stretch of a day at most that matches starts here or later
  readonly to: number; // and before this
  readonly end: number; // whatever matches ends after this
}

function boundsOf({ prefix, low = 0, high = 0 }: FilterValue): Bounds {
  switch (prefix) {
    case 'ne':
      return { from: -Infinity, to: Infinity, end: -Infinity };
    case 'gt':
      return { from: high - day, to: Infinity, end: high };
    case 'ge':
      return { from: low - day, to: Infinity, end: low };
    case 'lt':
    case 'eb':
      return { from: -Infinity, to: low, end: -Infinity };
    case 'le':
      return { from: -Infinity, to: high, end: -Infinity };
    case 'sa':
      return { from: high, to: Infinity, end: high };
    case 'ap':
      return { from: low - day, to: high, end: low };
    default:
      return { from: low, to: high, end: low };
  }
}

const lastStart = (bounds: readonly (readonly Bounds[])[], key: 'from' | 'end'): number =>
  Math.max(...bounds.map((ways) => Math.min(...ways.map((b) => b[key]))));
const firstEnd = (bounds: readonly (readonly Bounds[])[]): number =>
  Math.min(...bounds.map((ways) => Math.max(...ways.map((b) => b.to))));

/** Between which moments a stretch of a day at most starts that meets all filters on one date parameter. */
export function startsOf(filters: DateFilters): { readonly $gte: number; readonly $lt: number } {
  const bounds = filters.map((values) => values.map(boundsOf));
  return { $gte: lastStart(bounds, 'from'), $lt: firstEnd(bounds) };
}

/**
 * Filters on one date parameter, all of which hold. Resources with one period of a day at most are found between two
 * ends of the index, even where each filter is open at one end; those with a longer period, or several, by other entries.
 */
function dateMatch(no: number, filters: DateFilters): Match {
  const bounds = filters.map((values) => values.map(boundsOf));
  const ranges = filters.map((values) => any(values.flatMap(dateRange)));
  const [only] = ranges;
  const together = ranges.length === 1 && only ? only : { $and: ranges };
  return any([
    {
      [`a.${dateKey(no)}`]: startsOf(filters),
      d: { $elemMatch: { p: no, ...together } },
    },
    { d: { $elemMatch: { g: no, $and: [{ h: { $gt: lastStart(bounds, 'end') } }, together] } } },
    {
      $and: [
        { d: { $elemMatch: { g: ~no } } },
        ...ranges.map((range) => ({ d: { $elemMatch: { g: ~no, ...range } } })),
      ],
    },
  ]);
}

/** Filters on the same date parameter as one match; the other criteria as they are. */
export function datesTogether(criteria: readonly Criterion[]): {
  readonly byNumber: ReadonlyMap<number, DateFilters>;
  readonly matches: Match[];
  readonly others: Criterion[];
} {
  const byNumber = new Map<number, DateFilters>();
  const others = criteria.filter((criterion) => {
    if (criterion.op !== 'filter' || criterion.modifier !== undefined) return true;
    const { parameter, values } = criterion;
    const [place, ...more] = placesOf(parameter);
    if (parameter.kind !== 'date' || parameter.code === '_lastUpdated' || !place || more.length > 0)
      return true;
    byNumber.set(place.no, [...(byNumber.get(place.no) ?? []), values]);
    return false;
  });
  return { byNumber, matches: [...byNumber].map(([no, filters]) => dateMatch(no, filters)), others };
}

function sortDates(numbers: readonly number[]): Document {
  const kept = numbers.flatMap((no) => [no, ~no]);
  const own = { $in: [{ $ifNull: ['$$this.p', '$$this.g'] }, kept] };
  return { $map: { input: { $filter: { input: { $ifNull: ['$d', []] }, cond: own } }, in: '$$this.l' } };
}

export const dateKind: MongoKind = {
  encode: (entry, p, { dates }) => {
    if (entry.kind !== 'date') return;
    const { low: l, high: h } = entry;
    dates.set(`${p} ${l} ${h}`, { p, l, h });
  },
  filter: byValue((_, { no }, value) => dateMatch(no, [[value]])),
  sort: ({ numbers }) => sortDates(numbers),
  orderField: (no) => `a.${dateKey(no)}`,
};
