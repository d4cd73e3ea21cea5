import type { Filter, FilterValue, SearchParameter } from '../../../search/query.ts';
import type { SqliteKind } from '../kind.ts';
import { and, byResource, hasRow } from '../search/byIndex.ts';
import { mayBeOf, principalDate } from '../index/rowSignature.ts';
import type { AccessPath, Condition } from '../search/condition.ts';
import { isFirstOf } from '../search/indexOrder.ts';
import type { Names } from '../index/names.ts';
import { join, sqlFragment, type SqlFragment } from '../search/sqlFragment.ts';
import { placesOf } from '../search/place.ts';
import { bestOf } from '../search/sortValue.ts';

const dayLength = 86_400_000;

/**
 * What an ordered search value asks of a stretch of time; 'high' is exclusive on both sides.
 * See https://hl7.org/fhir/R4/search.html#prefix
 */
function dateRange({ prefix, low = 0, high = 0 }: FilterValue): SqlFragment {
  const inside = 'low >= ? AND low < ? AND high <= ?'; // the second only keeps the index scan short
  switch (prefix) {
    case 'ne':
      return sqlFragment(`NOT (${inside})`, low, high, high);
    case 'gt':
      return sqlFragment('high > ?', high);
    case 'lt':
      return sqlFragment('low < ?', low);
    case 'ge':
      return sqlFragment(`(high > ? OR (${inside}))`, high, low, high, high);
    case 'le':
      return sqlFragment(`(low < ? OR (${inside}))`, low, low, high, high);
    case 'sa':
      return sqlFragment('low >= ?', high);
    case 'eb':
      return sqlFragment('(low < ? AND high <= ?)', low, low);
    case 'ap':
      return sqlFragment('(low < ? AND high > ?)', high, low);
    default:
      return sqlFragment(`(${inside})`, low, high, high);
  }
}

/** The moment after which whatever matches ends, for the prefixes that ask for what ends late. */
const endsAfter = ({ prefix, low, high }: FilterValue): number | undefined =>
  prefix === 'gt' ? high : prefix === 'ge' || prefix === 'ap' ? low : undefined;

/**
 * One date that is all that the values ask for. What ends after a moment is looked for in two places, the short and
 * the long (where there are any), so that no scan goes far back.
 */
function dateCondition(
  names: Names,
  parameter: SearchParameter,
  no: number,
  values: readonly FilterValue[],
): Condition {
  const where = and(no, join(values.map(dateRange), ' AND ', '1'));
  const late = Math.max(...values.map((value) => endsAfter(value) ?? -Infinity));
  const hasLong = late > -Infinity && names.parameters.hasLong(no);
  const short =
    late === -Infinity ? where : sqlFragment(`low > ? AND ${where.sql}`, late - dayLength, ...where.values);
  const isPrincipal = !parameter.from && parameter.code === principalDate(parameter.type);
  const day = isPrincipal ? mayBeOf(values) : undefined;
  return {
    ...byResource('date', where, 'date_low'),
    ...(day ? { hint: { where: day, asks: false } } : {}),
    ...(names.parameters.isSingle(no)
      ? { once: true, row: { parameter: no, where: hasLong ? where : short } }
      : {}),
    accessPaths: hasLong
      ? shortAndLong(where, short, late)
      : (byResource('date', short, 'date_low').accessPaths ?? []),
  };
}

const shortAndLong = (where: SqlFragment, short: SqlFragment, late: number): readonly AccessPath[] => [
  {
    from: sqlFragment('date d INDEXED BY date_low'),
    where: sqlFragment(`${short.sql} AND high - low <= ${dayLength}`, ...short.values),
    ordered: false,
    hasSignature: true,
  },
  {
    from: sqlFragment('date d INDEXED BY date_long'),
    where: sqlFragment(`${where.sql} AND high - low > ${dayLength} AND high > ?`, ...where.values, late),
    ordered: false,
    hasSignature: true,
  },
];

/**
 * Criteria on a parameter of which no resource has several dates, as one: the same date meets them all. Undefined
 * where they are no such.
 */
export function oneDate(names: Names, filters: readonly Filter[]): Condition | undefined {
  const [first] = filters;
  if (!first || filters.length < 2) return undefined;
  const [place, ...others] = placesOf(names, first.parameter);
  const isPlain = filters.every(({ modifier, values }) => modifier === undefined && values.length === 1);
  if (!place || others.length > 0 || !isPlain || !names.parameters.isSingle(place.no)) return undefined;
  return dateCondition(
    names,
    first.parameter,
    place.no,
    filters.flatMap(({ values }) => values),
  );
}

const inOrder = { table: 'date', column: 'low', second: 'high' } as const;

export const dateKind: SqliteKind = {
  encode: (entry, no, { rid, signature, rows }) => {
    if (entry.kind === 'date') rows.date.push(rid, no, entry.low, entry.high, ...signature);
  },
  filter: ({ state: { names }, parameter, place: { no } }, value) =>
    dateCondition(names, parameter, no, [value]),
  present: (_, { no }, at) => hasRow('date', no, at),
  sort: (context) => bestOf(context, 'date', 'low'),
  order: ({ names }, parameter, isDescending) => ({
    ...inOrder,
    index: 'INDEXED BY date_low',
    isFirst: names.parameters.isSingle(names.parameter(parameter))
      ? sqlFragment('1')
      : isFirstOf(inOrder, isDescending),
  }),
};
