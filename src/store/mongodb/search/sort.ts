import type { Document } from 'mongodb';
import type { SortKey } from '../../../search/query.ts';
import type { Position } from './cursor.ts';
import { rowFields } from './found.ts';
import { kinds } from '../kinds.ts';
import { placesOf } from './place.ts';
import type { Match } from './match.ts';

/** Stages that set k0, k1 …: of several values of a resource the least counts, the greatest when descending. */
export function keyStages(sort: readonly SortKey[]): Document[] {
  const keys = Object.fromEntries(sort.map((key, i) => [`k${i}`, keyOf(key)]));
  const nones = Object.fromEntries(
    sort.map((_, i) => [`n${i}`, { $cond: [{ $eq: [{ $ifNull: [`$k${i}`, null] }, null] }, 1, 0] }]),
  );
  return [{ $project: { ...rowFields, ...keys } }, { $set: nones }];
}

/** Those without a value come last, either way. */
export const orderOf = (sort: readonly SortKey[]): Document => ({
  ...Object.fromEntries(
    sort.flatMap(({ descending }, i) => [
      [`n${i}`, 1],
      [`k${i}`, descending ? -1 : 1],
    ]),
  ),
  o: 1,
});

const idOf: Document = { $arrayElemAt: [{ $split: ['$_id', '/'] }, 1] };

function keyOf({ parameter, descending }: SortKey): Document | string {
  if (parameter === '_id') return idOf;
  if (parameter === '_lastUpdated') return '$u';
  const places = placesOf(parameter);
  const values = kinds[parameter.kind].sort({ places, numbers: places.map(({ no }) => no) });
  return { [descending ? '$max' : '$min']: values };
}

/** True for the rows after a position. */
export function after(sort: readonly SortKey[], { keys, order }: Position): Match {
  const ways: Match[] = [];
  const equal: Match[] = [];
  sort.forEach(({ descending }, i) => {
    const field = `k${i}`;
    const key = keys[i] ?? null;
    if (key !== null)
      ways.push({
        $and: [...equal, { $or: [{ [field]: { [descending ? '$lt' : '$gt']: key } }, { [field]: null }] }],
      });
    equal.push({ [field]: key });
  });
  ways.push({ $and: [...equal, { o: { $gt: order } }] });
  return { $or: ways };
}
