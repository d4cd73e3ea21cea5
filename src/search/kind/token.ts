import { badRequest } from '../../outcome/fhirError.ts';
import { unless, type EntryContext, type EntryMatcher, type Kind } from '../kind.ts';
import { malformed } from '../malformed.ts';
import type { Visit } from '../path.ts';
import type { FilterValue, SearchParameter } from '../query.ts';
import { indexedParts } from '../registry.ts';
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
  readonly type?: unknown;
  readonly text?: unknown;
  readonly display?: unknown;
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

const none: readonly Token[] = [];

/** HL7's v3 code systems, all case-sensitive: their codes (AMB, EM, H) are frequent and need no lower-case entry. */
const mindsCase = /^http:\/\/terminology\.hl7\.org\/CodeSystem\/v3-/;

/** Whether a code changes in lower case. */
export const hasCapitals = (code: string): boolean => code.toLowerCase() !== code;

/** The codes with capitals in lower case, which are found in code systems that do not mind the case. */
export const foldedTokensOf = (value: unknown): readonly Token[] =>
  tokensOf(value)
    .filter(({ system = '', code }) => system !== '' && hasCapitals(code) && !mindsCase.test(system))
    .map((token) => ({ ...token, code: token.code.toLowerCase() }));

/** An Identifier by its type, as `:of-type` asks for it: the system of the type, and `code|value`. */
export function typedOf(value: unknown): readonly Token[] {
  if (typeof value !== 'object' || value === null) return none;
  const { type, value: text } = value as Element;
  if (typeof type !== 'object' || type === null || typeof text !== 'string') return none;
  return tokensOf(type).map((token) => ({ ...token, code: `${token.code}|${text}` }));
}

/** The texts beside the codes: of a CodeableConcept, a Coding, or the type of an Identifier. */
export function textsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { coding, display, text, type } = value as Element;
  const found = [text, display].filter((item) => typeof item === 'string' && item !== '') as string[];
  if (Array.isArray(coding)) found.push(...coding.flatMap(textsOf));
  if (typeof type === 'object' && type !== null) {
    const { text: name } = type as Element;
    if (typeof name === 'string' && name !== '') found.push(name);
  }
  return found;
}

/** A code that no element has, so that nothing matches it. */
const noCode = ' ';

/**
 * A value for elements that imply their system: the code alone where the value names that system or none (`|code`),
 * else a code that nothing has. `system|` without a code is refused before.
 */
export function impliedValue(value: FilterValue, systems: readonly string[] | undefined): FilterValue {
  const { text, system, code } = value;
  if (!systems || system === undefined) return value;
  const isMet = code !== undefined && (system === '' || systems.includes(system));
  return { text, code: isMet ? code : noCode };
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

/** Reads `system|code|value` of an Identifier's type. See https://hl7.org/fhir/R4/search.html#token */
export function typedValue(text: string): FilterValue {
  const [system = '', code = '', value = '', ...more] = splitAt(text, '|').map(unescaped);
  if (code === '' || value === '' || more.length > 0) throw malformed(text, 'system|code|value');
  return { text, ...(system === '' ? {} : { system }), code: `${code}|${value}` };
}

export const matchesToken =
  ({ system, code, anyCase }: FilterValue): EntryMatcher =>
  (entry) => {
    if (entry.kind !== 'token') return false;
    if (code !== undefined && entry.code !== code)
      return (
        anyCase?.includes(entry.system ?? '') === true && entry.code.toLowerCase() === code.toLowerCase()
      );
    if (system === undefined) return true;
    return entry.system === undefined ? code !== undefined : entry.system === system; // undefined: implied by the element
  };

function tokenEntries(parameter: SearchParameter, { registry, to }: EntryContext): Visit {
  if (parameter.caseless)
    return (value) => {
      for (const { code, ...token } of tokensOf(value))
        to.entries.push({ parameter, kind: 'token', ...token, code: code.toLowerCase() });
    };
  const [part] = indexedParts(parameter);
  const derived = part ? registry.derived(parameter, part) : undefined;
  const derivedOf = part === 'of-type' ? typedOf : foldedTokensOf;
  return (value) => {
    for (const token of tokensOf(value)) to.entries.push({ parameter, kind: 'token', ...token });
    if (!derived) return;
    for (const token of derivedOf(value)) to.entries.push({ parameter: derived, kind: 'token', ...token });
  };
}

/** The system of a code is implied by its element. See https://hl7.org/fhir/R4/search.html#token */
function implied({ code, systems }: SearchParameter, value: FilterValue): FilterValue {
  if (value.code === undefined && systems?.includes(value.system ?? ''))
    throw badRequest(
      'malformed-value',
      `${code} implies the system ${value.system ?? ''}: ask for a code of it, or ${code}:missing=false`,
    );
  return impliedValue(value, systems);
}

/** Contact points and strings are kept in lower case. */
export const inCaseOf = ({ caseless }: SearchParameter, value: FilterValue): FilterValue =>
  caseless && value.code !== undefined ? { ...value, code: value.code.toLowerCase() } : value;

/** See https://hl7.org/fhir/R4/search.html#token */
export const tokenKind: Kind = {
  weight: 1,
  operators: ['eq', 'ne', 'ss', 'sb', 'in', 'ni', 'pr'],
  parse: (text, parameter) => implied(parameter, inCaseOf(parameter, tokenValue(text))),
  entries: tokenEntries,
  match: (_, value) => unless(value, matchesToken(value)),
  sortValue: (entry) => (entry.kind === 'token' ? entry.code : undefined),
};
