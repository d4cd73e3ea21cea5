import type { FilterValue } from '../query.ts';
import { unescaped } from '../split.ts';

const plain = /^[\x20-\x7e]*$/;

/** Text as strings are compared: without case and accents. */
export const folded = (text: string): string =>
  plain.test(text) ? text.toLowerCase() : text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

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
