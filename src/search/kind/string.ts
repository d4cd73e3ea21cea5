import type { EntryMatcher, Kind } from '../kind.ts';
import type { Filter, FilterValue } from '../query.ts';
import { unescaped } from '../split.ts';
import { textsOf } from './token.ts';

const plain = /^[\x20-\x7e]*$/;

/** Text without case and accents. */
export const folded = (text: string): string =>
  plain.test(text) ? text.toLowerCase() : text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

const ignored = /[\p{P}\p{Z}\p{Sk}\p{Cc}\p{Cf}]+/gu;

/**
 * Text in the form in which strings are compared: without case, accents, punctuation and white space, so that O'Brien
 * is obrien. A text of punctuation only keeps it, as the empty text is a prefix of every other.
 */
export function comparable(text: string): string {
  const fold = folded(text);
  const kept = fold.replace(ignored, '');
  return kept === '' ? fold : kept;
}

const parts = [
  ...['text', 'family', 'given', 'prefix', 'suffix', 'line'],
  ...['city', 'district', 'state', 'postalCode', 'country'],
];

/** The strings of a string, HumanName or Address. See https://hl7.org/fhir/R4/search.html#string */
export function stringsOf(value: unknown, found: string[] = []): string[] {
  if (typeof value === 'string') {
    if (value !== '') found.push(value);
    return found;
  }
  if (typeof value !== 'object' || value === null) return found;
  const element = value as Readonly<Record<string, unknown>>;
  for (const name of parts) {
    const part = element[name];
    if (Array.isArray(part)) for (const item of part) stringsOf(item, found);
    else if (typeof part === 'string') stringsOf(part, found);
  }
  return found;
}

export const stringValue = (text: string): FilterValue => ({ text: unescaped(text) });

function matchesString(modifier: Filter['modifier'], { text, prefix }: FilterValue): EntryMatcher {
  const asked = comparable(text);
  const test = (is: (found: { folded: string; exact: string }) => boolean): EntryMatcher => {
    return (entry) => entry.kind === 'string' && is(entry);
  };
  if (prefix === 'eq') return test(({ folded: own }) => own === asked);
  if (prefix === 'ne') return test(({ folded: own }) => own !== asked);
  switch (modifier) {
    case 'exact':
      return test(({ exact }) => exact === text);
    case 'contains':
      return test(({ folded: own }) => own.includes(asked));
    case 'ends':
      return test(({ folded: own }) => own.endsWith(asked));
    default:
      return test(({ folded: own }) => own.startsWith(asked));
  }
}

/** See https://hl7.org/fhir/R4/search.html#string */
export const stringKind: Kind = {
  weight: 1,
  operators: ['eq', 'ne', 'co', 'sw', 'ew', 'pr'],
  parse: stringValue,
  entries: (parameter, { to }) => {
    const texts = parameter.part === 'text' ? textsOf : stringsOf;
    return (value) => {
      for (const exact of texts(value))
        to.entries.push({ parameter, kind: 'string', folded: comparable(exact), exact });
    };
  },
  match: ({ modifier }, value) => matchesString(modifier, value),
  sortValue: (entry) => (entry.kind === 'string' ? entry.folded : undefined),
};
