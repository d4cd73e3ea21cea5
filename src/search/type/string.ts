import type { FilterValue } from '../query.ts';
import { unescaped } from '../split.ts';

const plain = /^[\x20-\x7e]*$/;

/** Text without case and accents. */
export const folded = (text: string): string =>
  plain.test(text) ? text.toLowerCase() : text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

const ignored = /[\p{P}\p{Z}\p{Sk}\p{Cc}\p{Cf}]+/gu;

/**
 * Text as strings are compared: without case, accents, punctuation and white space, so that O'Brien is obrien. A text of
 * nothing else keeps its punctuation: it would be the beginning of every other.
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
