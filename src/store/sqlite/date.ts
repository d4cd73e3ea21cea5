import type { Filter, FilterValue } from '../../search/query.ts';
import { and, byResource } from './byIndex.ts';
import type { Condition } from './condition.ts';
import type { Names } from './names.ts';
import { join, piece } from './piece.ts';
import { placesOf } from './place.ts';
import { dateRange, endsAfter } from './range.ts';

const day = 86_400_000;

/**
 * One date that is all that the values ask for. What ends after a moment is looked for in two places, the short and
 * the long, so that no scan goes far back.
 */
export function date(no: number, values: readonly FilterValue[]): Condition {
  const where = and(no, join(values.map(dateRange), ' AND ', '1'));
  const late = Math.max(...values.map((value) => endsAfter(value) ?? -Infinity));
  const found = byResource('date', where, 'date_low');
  if (late === -Infinity) return found;
  const short = piece(`low > ? AND ${where.sql}`, late - day, ...where.values);
  const long = piece(`${where.sql} AND high - low > ${day} AND high > ?`, ...where.values, late);
  return {
    test: found.test,
    cost: 1,
    drives: [
      {
        from: piece('date d INDEXED BY date_low'),
        where: piece(`${short.sql} AND high - low <= ${day}`, ...short.values),
        ordered: false,
      },
      { from: piece('date d INDEXED BY date_long'), where: long, ordered: false },
    ],
  };
}

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
    place.no,
    filters.flatMap(({ values }) => values),
  );
}
