import type { Document } from 'mongodb';
import type { SortKey } from '../../../search/query.ts';
import type { Position } from './cursor.ts';
import { rowFields } from './found.ts';
import { numberText } from '../index/parameterNumber.ts';
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
  const numbers = placesOf(parameter).map(({ no }) => no);
  const best = (values: Document): Document => ({ [descending ? '$max' : '$min']: values });
  const ofField = (field: string, value: string): Document =>
    best({
      $map: {
        input: {
          $filter: { input: { $ifNull: [`$${field}`, []] }, cond: { $in: ['$$this.p', numbers] } },
        },
        in: `$$this.${value}`,
      },
    });
  switch (parameter.kind) {
    case 'date': {
      const kept = numbers.flatMap((no) => [no, ~no]);
      const own = { $in: [{ $ifNull: ['$$this.p', '$$this.g'] }, kept] };
      return best({
        $map: { input: { $filter: { input: { $ifNull: ['$d', []] }, cond: own } }, in: '$$this.l' },
      });
    }
    case 'string':
      return ofField('s', 'f');
    case 'number':
    case 'quantity':
      return ofField('q', 'l');
    case 'reference':
      return best(
        texts(
          placesOf(parameter).map(({ no, target }) => `^/${target ? `${target}/` : ''}.*>${numberText(no)}$`),
          referenceIn(numbers),
        ),
      );
    default:
      return best(
        texts(
          numbers.map((no) => `^${numberText(no)}\\.`),
          codeIn,
        ),
      );
  }
}

const texts = (patterns: readonly string[], value: Document): Document => ({
  $map: {
    input: {
      $filter: {
        input: { $ifNull: ['$x', []] },
        cond: { $regexMatch: { input: '$$this', regex: patterns.join('|'), options: 's' } },
      },
    },
    in: value,
  },
});

/** The code of `P.code`. */
const codeIn: Document = {
  $let: {
    vars: { dot: { $indexOfCP: ['$$this', '.'] } },
    in: { $substrCP: ['$$this', { $add: ['$$dot', 1] }, { $strLenCP: '$$this' }] },
  },
};

/** The id of `/Type/id>P`, the URL of `/URL>P`. */
function referenceIn(numbers: readonly number[]): Document {
  const pattern = `^/(?:[A-Z][A-Za-z]+/)?(.*)>(?:${numbers.map(numberText).join('|')})$`;
  return {
    $arrayElemAt: [
      {
        $getField: {
          field: 'captures',
          input: { $regexFind: { input: '$$this', regex: pattern, options: 's' } },
        },
      },
      0,
    ],
  };
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
