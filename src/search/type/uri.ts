import type { FilterValue } from '../query.ts';
import { unescaped } from '../split.ts';

/** The URIs of a uri, url, oid or canonical; a canonical with a version is found with and without it. */
export function urisOf(value: unknown): string[] {
  if (typeof value !== 'string' || value === '') return [];
  const bar = value.indexOf('|');
  return bar > 0 ? [value, value.slice(0, bar)] : [value];
}

/** See https://hl7.org/fhir/R4/search.html#uri */
export const uriValue = (text: string): FilterValue => ({ text: unescaped(text) });
