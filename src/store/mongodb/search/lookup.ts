import type { Document } from 'mongodb';
import type { ResourceType } from '@medplum/fhirtypes';
import { numberText } from '../index/parameterNumber.ts';
import type { Compiled } from './compiled.ts';
import type { Match } from './match.ts';

/** Keeps later stages from being moved before it: named resources are found by name first, then tested. */
export const stopper: Document = { $limit: 2 ** 31 };

/** The name of a field that a stage finds. */
export const fieldOf = (stages: readonly Document[]): string => `found${stages.length}`;

/** What entries with a certain end are replaced by. */
interface Branch {
  readonly start: string; // of the pattern of such an entry
  readonly end: string;
  readonly then: (entryFrom: (at: number) => Document) => readonly unknown[]; // given: the entry from there to its end
}

/** The entries of a candidate, in a stage, each replaced by the first branch whose pattern it fits. */
export const fromEntries = (branches: readonly Branch[]): Document => ({
  $reduce: {
    input: { $ifNull: ['$x', []] },
    initialValue: [],
    in: {
      $concatArrays: [
        '$$value',
        {
          $switch: {
            branches: branches.map(({ start, end, then }) => ({
              case: { $regexMatch: { input: '$$this', regex: `^${start}${end}$`, options: 's' } },
              then: then((at) => ({
                $substrCP: ['$$this', at, { $subtract: [{ $strLenCP: '$$this' }, at + end.length] }],
              })),
            })),
            default: [],
          },
        },
      ],
    },
  },
});

/** The references (Type/id) of a candidate through some parameters, taken from its entries. */
export const namedTexts = (places: readonly { readonly no: number }[], type: ResourceType): Document =>
  fromEntries(
    places.map(({ no }) => ({
      start: `/${type}/[^>]*`,
      end: `>${numberText(no)}`,
      then: (entryFrom) => [entryFrom(1)],
    })),
  );

interface Join {
  readonly localField: string;
  readonly texts: Document;
  readonly foreignField: '_id' | 'x';
}

/** Adds a stage that looks up whether a candidate is linked to a resource that meets criteria. */
export function lookedUp(stages: Document[], compiled: Compiled, { texts, foreignField }: Join): Match {
  const field = fieldOf(stages);
  stages.push(
    { $set: { [field]: texts } },
    {
      $lookup: {
        from: 'resource',
        localField: field,
        foreignField,
        pipeline: [
          stopper,
          { $match: compiled.match },
          ...compiled.stages,
          { $match: compiled.late },
          { $limit: 1 },
          { $project: { _id: 1 } },
        ],
        as: field,
      },
    },
  );
  return { [field]: { $ne: [] } };
}
