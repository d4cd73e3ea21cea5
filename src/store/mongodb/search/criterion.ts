import type { Filter, FilterValue, SearchParameter } from '../../../search/query.ts';
import { comparable } from '../../../search/kind/string.ts';
import { prefixKey, hasPrefixKeys } from '../index/prefixKey.ts';
import { dateMatch } from './dateMatch.ts';
import { referenceText, systemSpan, systemText, tokenText } from '../index/entries.ts';
import { numberText } from '../index/parameterNumber.ts';
import { always, among, any, element, never, not, type KeyLookup, type Match } from './match.ts';
import { placesOf, type Place } from './place.ts';
import { momentRange, quantityRange } from './range.ts';

/** A filter that the index answers, as a match. */
export function filterMatch({ parameter, modifier, values }: Filter, lookup: KeyLookup): Match {
  if (modifier === 'missing') return missing(parameter, values[0]?.text === 'true');
  if (modifier === 'in' || modifier === 'not-in')
    throw new Error(`:${modifier} of ${parameter.code} reached the store`);
  const asked = { parameter, modifier, lookup };
  const found = any([...plainTokens(asked, values), ...values.map((value) => valueMatch(asked, value))]);
  return modifier === 'not' ? not(found) : found;
}

interface Asked {
  readonly parameter: SearchParameter;
  readonly modifier: Filter['modifier'];
  readonly lookup: KeyLookup;
}

const isPlain = ({ system, code }: FilterValue): boolean => system === undefined && code !== undefined;
const byToken = ({ parameter, modifier }: Pick<Asked, 'parameter' | 'modifier'>): boolean =>
  parameter.kind === 'token' || modifier === 'identifier';

/** Tokens of whatever system, all in one. */
function plainTokens(asked: Asked, values: readonly FilterValue[]): Match[] {
  const { parameter, lookup } = asked;
  if (parameter.code === '_id' || !byToken(asked)) return [];
  const codes = values.filter(isPlain);
  if (codes.length === 0) return [];
  return [
    lookup.among(placesOf(parameter).flatMap(({ no }) => codes.map(({ code = '' }) => tokenText(no, code)))),
  ];
}

function valueMatch(asked: Asked, value: FilterValue): Match {
  const { parameter, modifier, lookup } = asked;
  if (parameter.code === '_id') return { _id: `${parameter.type}/${value.code ?? ''}` };
  if (parameter.code === '_lastUpdated') return { u: momentRange(value) };
  const places = placesOf(parameter);
  if (byToken(asked))
    return isPlain(value) ? never : any(places.map(({ no }) => systemToken(no, value, lookup)));
  return any(
    places.map((place) => {
      switch (parameter.kind) {
        case 'uri':
          return uri(place.no, modifier, value);
        case 'reference':
          return reference(place, value, lookup);
        case 'date':
          return dateMatch(place.no, [[value]]);
        case 'string':
          return string(place.no, asked, value);
        case 'number':
        case 'quantity':
          return quantity(place.no, value);
        case 'token':
        case 'composite':
          return never;
      }
    }),
  );
}

/** Found by its code where there is one; the system is looked at in what was found. */
function systemToken(no: number, { system = '', code }: FilterValue, { among: found }: KeyLookup): Match {
  if (code === undefined) {
    const [from, to] = systemSpan(no, system);
    return element('y', { $gte: from, $lt: to });
  }
  return {
    ...found([tokenText(no, code)]),
    ['y']: { $in: [systemText(no, system, code), systemText(no, undefined, code)] },
  };
}

/** What comes after every text that starts with this one. */
const beyond = (text: string): string => `${text}\u{10ffff}`;

function uri(no: number, modifier: Filter['modifier'], { text }: FilterValue): Match {
  if (modifier === 'below') {
    const start = tokenText(no, text);
    return element('x', { $gte: start, $lt: beyond(start) });
  }
  const uris = modifier === 'above' ? above(text) : [text];
  return uris.length === 0 ? never : among(uris.map((one) => tokenText(no, one)));
}

/** The text, and what is left of it at each slash. */
const above = (text: string): string[] => {
  const parts = text.split('/');
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('/')).filter((part) => part !== '');
};

function reference(place: Place, { target }: FilterValue, lookup: KeyLookup): Match {
  if (!target) return never;
  if ('url' in target) return place.target ? never : among([referenceText(place.no, target.url)]);
  const types = target.types.filter((type) => place.target === undefined || place.target === type);
  const texts = types.map((type) => referenceText(place.no, `${type}/${target.id}`));
  return texts.length === 0 ? never : lookup.among(texts);
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);

function string(no: number, { parameter, modifier, lookup }: Asked, { text }: FilterValue): Match {
  const fold = comparable(text);
  const isBegun =
    lookup.byPrefixKey &&
    (parameter.from ?? [parameter]).every(({ code }) => hasPrefixKeys({ ...parameter, code }));
  const start = isBegun ? prefixKey(no, fold) : undefined;
  const begun = start === undefined ? {} : among([start]);
  const on = (match: unknown): Match => element('s', { p: no, f: match });
  switch (modifier) {
    case 'exact':
      return { ...begun, ...element('s', { p: no, f: fold, e: text }) };
    case 'contains':
    case 'ends':
      if (fold.includes('\u0000')) return never; // no FHIR string has it, and no pattern takes it
      return on({ $regex: `${escaped(fold)}${modifier === 'ends' ? '$' : ''}`, $options: 's' });
    default:
      return { ...begun, ...on({ $gte: fold, $lt: beyond(fold) }) };
  }
}

function quantity(no: number, value: FilterValue): Match {
  return element('q', {
    p: no,
    ...quantityRange(value),
    ...(value.system === undefined ? {} : { s: value.system }),
    ...(value.code === undefined ? {} : { c: value.code }),
  });
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
