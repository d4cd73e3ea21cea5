import type { Document } from 'mongodb';
import type { FilterValue } from '../../../search/query.ts';
import { hasCompoundKey } from '../index/compoundKey.ts';
import { referenceText } from '../index/fields.ts';
import { numberText } from '../index/parameterNumber.ts';
import type { FilterContext, MongoKind } from '../kind.ts';
import { byValue } from '../search/byValue.ts';
import { among, never, type Match } from '../search/match.ts';
import type { Place } from '../search/place.ts';
import { textValues } from '../search/sortValues.ts';
import { tokenMatch } from './token.ts';

function referenceMatch({ lookup }: FilterContext, place: Place, { target }: FilterValue): Match {
  if (!target) return never;
  if ('url' in target) return place.target ? never : among([referenceText(place.no, target.url)]);
  const types = target.types.filter((type) => place.target === undefined || place.target === type);
  const texts = types.map((type) => referenceText(place.no, `${type}/${target.id}`));
  return texts.length === 0 ? never : lookup.among(texts);
}

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

const byTarget = byValue(referenceMatch);

export const referenceKind: MongoKind = {
  encode: (entry, p, { x, withDay }) => {
    if (entry.kind !== 'reference') return;
    const text = referenceText(p, entry.type ? `${entry.type}/${entry.id}` : entry.id);
    x.add(text);
    if (hasCompoundKey(entry)) withDay.add(text);
  },
  filter: (context, values) =>
    context.modifier === 'identifier' ? tokenMatch(context, values) : byTarget(context, values),
  sort: ({ places, numbers }) =>
    textValues(
      places.map(({ no, target }) => `^/${target ? `${target}/` : ''}.*>${numberText(no)}$`),
      referenceIn(numbers),
    ),
};
