import { malformed } from '../malformed.ts';
import type { FilterValue } from '../query.ts';
import { splitAt, unescaped } from '../split.ts';

/** What a token element says; `system` is '' where it names none, undefined where the element implies it. */
export interface Token {
  readonly system?: string;
  readonly code: string;
}

interface Element {
  readonly coding?: readonly unknown[];
  readonly system?: unknown;
  readonly code?: unknown;
  readonly value?: unknown;
}

/** The tokens of a code, boolean, Coding, CodeableConcept, Identifier or ContactPoint. */
export function tokensOf(value: unknown, found: Token[] = []): Token[] {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') {
    found.push({ code: String(value) });
    return found;
  }
  if (typeof value !== 'object' || value === null) return found;
  const { coding, system, code, value: text } = value as Element;
  if (Array.isArray(coding)) for (const item of coding) tokensOf(item, found);
  const said = code ?? text;
  if (typeof said === 'string') found.push({ system: typeof system === 'string' ? system : '', code: said });
  return found;
}

/** Reads `code`, `|code`, `system|code` or `system|`. See https://hl7.org/fhir/R4/search.html#token */
export function tokenValue(text: string): FilterValue {
  const parts = splitAt(text, '|').map(unescaped);
  const [first = '', second] = parts;
  if (parts.length > 2 || (second ?? first) + first === '')
    throw malformed(text, 'a token: code, system|code');
  if (second === undefined) return { text, code: first };
  return second === '' ? { text, system: first } : { text, system: first, code: second };
}
