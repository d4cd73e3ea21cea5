import type { ResourceType } from '@medplum/fhirtypes';
import type { SearchParameter } from '../../../search/query.ts';
import type { ResourceDocument } from '../connection/collections.ts';
import type { MongoState } from '../connection/mongoState.ts';
import { referenceText } from '../index/fields.ts';
import { numberText } from '../index/parameterNumber.ts';
import { canonicalKeysOf, counterparts } from './canonical.ts';
import { any, idsMatch, never, type Match } from './match.ts';
import { placesOf } from './place.ts';

type Named = Pick<ResourceDocument, '_id' | 'x'>;
/** The resources that refer to one of those found, through a parameter. */
export function namingMatch(
  state: MongoState,
  parameter: SearchParameter,
  { type, found }: { readonly type: ResourceType; readonly found: readonly Named[] },
): Match {
  const places = placesOf(parameter).filter(({ target }) => target === undefined || target === type);
  const texts = found.flatMap(({ _id }) => places.map(({ no }) => referenceText(no, _id)));
  const keys = canonicalKeysOf(state, parameter, type);
  if (keys) texts.push(...new Set(found.flatMap(({ x }) => counterparts(x, keys.named, keys.naming))));
  return texts.length === 0 ? never : { x: texts.length === 1 ? texts[0] : { $in: texts } };
}

/** The resources that those found refer to, through a parameter. */
export function namedMatch(
  state: MongoState,
  parameter: SearchParameter,
  { type, found }: { readonly type: ResourceType; readonly found: readonly Pick<ResourceDocument, 'x'>[] },
): Match {
  const ends = placesOf(parameter).map(({ no, target }) => ({
    end: `>${numberText(no)}`,
    start: target ? `/${target}/` : '/',
  }));
  const ids = new Set<string>();
  for (const { x = [] } of found)
    for (const text of x)
      for (const { start, end } of ends)
        if (text.startsWith(start) && text.endsWith(end)) ids.add(text.slice(1, -end.length));
  const keys = canonicalKeysOf(state, parameter, type);
  if (!keys) return idsMatch([...ids]);
  const met = new Set(found.flatMap(({ x }) => counterparts(x, keys.naming, keys.named)));
  return any([idsMatch([...ids]), met.size === 0 ? never : { x: { $in: [...met] } }]);
}
