import type { Filter, FilterValue, SearchParameter } from '../../../search/query.ts';
import { numberText } from '../index/parameterNumber.ts';
import { kinds } from '../kinds.ts';
import { always, any, never, not, type KeyLookup, type Match } from './match.ts';
import { placesOf } from './place.ts';

/** A filter that the index answers, as a match. */
export function filterMatch(filter: Filter, lookup: KeyLookup): Match {
  const { parameter, modifier, values } = filter;
  if (modifier === 'missing') return missing(parameter, values[0]?.text === 'true');
  if (modifier === 'in' || modifier === 'not-in')
    throw new Error(`:${modifier} of ${parameter.code} reached the store`);
  const found = valuesMatch(filter, lookup);
  return modifier === 'not' ? not(found) : found;
}

function valuesMatch({ parameter, modifier, values }: Filter, lookup: KeyLookup): Match {
  const { type, code, kind } = parameter;
  if (code === '_id') return any(values.map((value) => ({ _id: `${type}/${value.code ?? ''}` })));
  if (code === '_lastUpdated') return any(values.map((value) => ({ u: momentRange(value) })));
  const places = placesOf(parameter);
  return kinds[kind].filter({ parameter, modifier, lookup, places }, values);
}

/** True for candidates that have no (or some) entry of a parameter. */
function missing(parameter: SearchParameter, wanted: boolean): Match {
  if (parameter.code === '_id' || parameter.code === '_lastUpdated') return wanted ? never : always;
  const there = any(
    placesOf(parameter).map(({ no, target }) =>
      target === undefined ? { ['n']: no } : { ['x']: { $regex: `^/${target}/[^>]*>${numberText(no)}$` } },
    ),
  );
  return wanted ? not(there) : there;
}

/** What an ordered search value asks of a moment, which lasts a millisecond. */
function momentRange({ prefix, low = 0, high = 0 }: FilterValue): Match {
  switch (prefix) {
    case 'ne':
      return { $not: { $gte: low, $lt: high } };
    case 'gt':
    case 'sa':
      return { $gte: high };
    case 'lt':
    case 'eb':
      return { $lt: low };
    case 'ge':
      return { $gte: low };
    case 'le':
      return { $lt: high };
    case 'ap':
    default:
      return { $gte: low, $lt: high };
  }
}
