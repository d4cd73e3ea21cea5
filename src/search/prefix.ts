import { badRequest } from '../outcome/fhirError.ts';
import type { Prefix } from './query.ts';

const prefixes: readonly string[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];

/** Takes the prefix off an ordered value; none is eq. See https://hl7.org/fhir/R4/search.html#prefix */
export function withPrefix(text: string): { readonly prefix: Prefix; readonly rest: string } {
  const [, letters, rest = ''] = /^([A-Za-z]{2})(.*)$/s.exec(text) ?? [];
  if (letters === undefined) return { prefix: 'eq', rest: text };
  if (!prefixes.includes(letters))
    throw badRequest('unknown-prefix', `A prefix is one of ${prefixes.join(', ')}`);
  return { prefix: letters as Prefix, rest };
}
