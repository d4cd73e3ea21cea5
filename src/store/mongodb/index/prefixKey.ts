import type { SearchParameter } from '../../../search/query.ts';
import { numberText } from './parameterNumber.ts';

const named: ReadonlySet<string> = new Set(['family', 'given', 'name']);
/** Whether strings of a parameter are found by what they begin with: names of patients, the only ones that are many. */
export const hasPrefixKeys = ({ type, code }: Pick<SearchParameter, 'type' | 'code'>): boolean =>
  type === 'Patient' && named.has(code);

/** How many letters of a string stand in entries of their own, the longest first. */
const lengths = [4, 2] as const;

/** The first letters of a text; undefined where it has fewer. A letter may be two units of UTF-16. */
function firstOf(text: string, count: number): string | undefined {
  const letters = Array.from(text.slice(0, 2 * count)).slice(0, count);
  return letters.length < count ? undefined : letters.join('');
}

const textOf = (no: number, letters: string): string => `${numberText(no)}~${letters}`;

/**
 * `P~letters`: what a folded string begins with, found by value in the order of first creation. What only begins like
 * it is found with it, and tested.
 */
export const prefixKeys = (no: number, folded: string): string[] =>
  lengths.flatMap((count) => {
    const letters = firstOf(folded, count);
    return letters === undefined ? [] : [textOf(no, letters)];
  });

/** The entry that all strings have that begin with a folded one; undefined for one that is too short. */
export const prefixKey = (no: number, folded: string): string | undefined => prefixKeys(no, folded)[0];
