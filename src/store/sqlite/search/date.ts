import type { Filter, FilterValue, SearchParameter } from '../../../search/query.ts';
import { and, byResource } from './byIndex.ts';
import { mayBeOf, principalDate } from '../index/rowSignature.ts';
import type { Condition, AccessPath } from './condition.ts';
import type { Names } from '../index/names.ts';
import { join, sqlFragment, type SqlFragment } from './sqlFragment.ts';
import { placesOf } from './place.ts';
import { dateRange, endsAfter } from './range.ts';

const dayLength = 86_400_000;

/**
 * One date that is all that the values ask for. What ends after a moment is looked for in two places, the short and
 * the long (where there are any), so that no scan goes far back.
 */
export function date(
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
  return date(
    names,
    first.parameter,
    place.no,
    filters.flatMap(({ values }) => values),
  );
}
