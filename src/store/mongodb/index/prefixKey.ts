import type { SearchParameter } from '../../../search/query.ts';
import { numberText } from './parameterNumber.ts';

const named: ReadonlySet<string> = new Set(['family', 'given', 'name']);
/** Whether strings of a parameter have prefix keys: the names of patients, the only strings of which there are many. */
export const hasPrefixKeys = ({ type, code }: Pick<SearchParameter, 'type' | 'code'>): boolean =>
  type === 'Patient' && named.has(code);

/** Lengths of the prefixes that have keys, the longest first. */
const lengths = [4, 2] as const;

/** The first letters of a text; undefined where it has fewer. A letter may be two units of UTF-16. */
function firstOf(text: string, count: number): string | undefined {
  const letters = Array.from(text.slice(0, 2 * count)).slice(0, count);
  return letters.length < count ? undefined : letters.join('');
}

const textOf = (no: number, letters: string): string => `${numberText(no)}~${letters}`;

/**
 * `P~letters`: the keys of a folded string's prefixes, by which it is found in the order of first creation. Strings that
 * share a prefix but differ after it are found too, and tested.
 */
export const prefixKeys = (no: number, folded: string): string[] =>
  lengths.flatMap((count) => {
    const letters = firstOf(folded, count);
    return letters === undefined ? [] : [textOf(no, letters)];
  });

/** The key that all strings have which begin with a folded one; undefined where it is too short. */
export const prefixKey = (no: number, folded: string): string | undefined => prefixKeys(no, folded)[0];
