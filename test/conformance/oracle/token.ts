import type { CodeableConcept, Coding, ContactPoint, Identifier } from '@medplum/fhirtypes';
import type { TypedValue } from '@medplum/core';
import { bare, parts, plainText } from './text.ts';

/** `system` is undefined where the element says none, `implied` where its type has no place for one. */
interface Token {
  readonly system: string | undefined;
  readonly code: string | undefined;
  readonly implied: boolean;
}

const said = (system: string | undefined, code: string | undefined): Token => ({
  system,
  code,
  implied: false,
});

/** The table of https://hl7.org/fhir/R4/search.html#token; contact points and strings are not case sensitive. */
export function tokensOf({ type, value }: TypedValue): Token[] {
  switch (type) {
    case 'CodeableConcept':
      return ((value as CodeableConcept).coding ?? []).map((c) => said(c.system, c.code)).filter(some);
    case 'Coding':
      return [said((value as Coding).system, (value as Coding).code)].filter(some);
    case 'Identifier':
      return [said((value as Identifier).system, (value as Identifier).value)].filter(some);
    case 'ContactPoint':
      return [said((value as ContactPoint).system, (value as ContactPoint).value?.toLowerCase())].filter(
        some,
      );
    case 'string':
      return [{ system: undefined, code: String(value).toLowerCase(), implied: true }];
    default:
      return typeof value === 'object' ? [] : [{ system: undefined, code: String(value), implied: true }];
  }
}

/** A system without a code or value is nothing that a token names. */
const some = ({ code }: Token): boolean => code !== undefined;

/**
 * `code`, `|code`, `system|code`, `system|`. A code has its system implied by the binding of its element: it has none in
 * the data (so `|code` finds it), and is found with one of `systems`; where they are undefined, and of a boolean or
 * string, whatever system is said is not asked.
 */
export function tokenMeets(element: TypedValue, text: string, systems?: ReadonlySet<string>): boolean {
  const mindsCase = element.type !== 'ContactPoint' && element.type !== 'string';
  const [first = '', second] = parts(mindsCase ? text : text.toLowerCase(), '|').map(plainText);
  return tokensOf(element).some(({ system, code, implied }) => {
    if (second === undefined) return code === first;
    if (second === '') return implied ? systems?.has(first) === true : system === first;
    if (code !== second) return false;
    return implied ? first === '' || systems?.has(first) !== false : (system ?? '') === first;
  });
}

/** `system|code|value`: type and value of an Identifier. */
export function ofType({ type, value }: TypedValue, text: string): boolean {
  if (type !== 'Identifier') return false;
  const [system = '', code = '', id = ''] = parts(text, '|').map(plainText);
  const { type: kind, value: own } = value as Identifier;
  return own === id && (kind?.coding ?? []).some((c) => (c.system ?? '') === system && c.code === code);
}

/** The texts beside a code: CodeableConcept.text, Coding.display, Identifier.type.text. */
export function displaysOf({ type, value }: TypedValue): string[] {
  const concept = value as CodeableConcept;
  const all =
    type === 'CodeableConcept'
      ? [concept.text, ...(concept.coding ?? []).map((c) => c.display)]
      : type === 'Coding'
        ? [(value as Coding).display]
        : type === 'Identifier'
          ? [(value as Identifier).type?.text]
          : [];
  return all.filter((text) => text !== undefined);
}

export const displayMeets = (element: TypedValue, text: string): boolean =>
  displaysOf(element).some((display) => bare(display).startsWith(bare(plainText(text))));
