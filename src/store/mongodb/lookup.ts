import type { Document } from 'mongodb';
import type { ResourceType } from '@medplum/fhirtypes';
import type { Compiled } from './compile.ts';
import { numberText } from './parameterNumber.ts';
import type { Match } from './range.ts';

/** Keeps what follows out of the choice of an index: those that are named are found first, then tested. */
export const stopper: Document = { $limit: 2 ** 31 };

/** The name of a field that a stage finds. */
export const fieldOf = (stages: readonly Document[]): string => `found${stages.length}`;

/** What a candidate refers to through some places, taken from its entries: Type/id. */
export function namedTexts(places: readonly { readonly no: number }[], type: ResourceType): Document {
  return {
    $reduce: {
      input: { $ifNull: ['$x', []] },
      initialValue: [],
      in: {
        $concatArrays: [
          '$$value',
          {
            $switch: {
              branches: places.map(({ no }) => {
                const end = `>${numberText(no)}`;
                return {
                  case: { $regexMatch: { input: '$$this', regex: `^/${type}/[^>]*${end}$` } },
                  then: [
                    { $substrCP: ['$$this', 1, { $subtract: [{ $strLenCP: '$$this' }, 1 + end.length] }] },
                  ],
                };
              }),
              default: [],
            },
          },
        ],
      },
    },
  };
}

interface Join {
  readonly localField: string;
  readonly texts: Document;
  readonly foreignField: '_id' | 'x';
}

/** A stage that looks whether a candidate has such another resource. */
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
