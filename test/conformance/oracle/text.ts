/** Splits at a sign that no backslash precedes. See https://hl7.org/fhir/R4/search.html#escaping */
export function parts(text: string, sign: string): string[] {
  const found: string[] = [];
  let part = '';
  for (let i = 0; i < text.length; i += 1) {
    const letter = text.charAt(i);
    if (letter === '\\') {
      part += letter + text.charAt(i + 1);
      i += 1;
    } else if (letter === sign) {
      found.push(part);
      part = '';
    } else part += letter;
  }
  return [...found, part];
}

export const plainText = (text: string): string => text.replace(/\\([\\,|$])/g, '$1');
export const escaped = (text: string): string => text.replace(/[\\,|$]/g, (sign) => `\\${sign}`);

/** A value and its prefix; none is eq. */
export function prefixed(text: string): readonly [prefix: string, rest: string] {
  const found = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(.*)$/s.exec(text);
  return found ? [found[1] ?? '', found[2] ?? ''] : ['eq', text];
}

/** A range of what is compared; both ends, or for a range of time its end, may be out of reach. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

interface Strings {
  readonly [name: string]: unknown;
}
/** The texts of a string, HumanName or Address. See https://hl7.org/fhir/R4/search.html#string */
export function textsOf(type: string, value: unknown): string[] {
  if (typeof value === 'string') return [value];
  const names: Readonly<Record<string, readonly string[]>> = {
    HumanName: ['text', 'family', 'given', 'prefix', 'suffix'],
    Address: ['text', 'line', 'city', 'district', 'state', 'postalCode', 'country'],
  };
  const all = (names[type] ?? []).flatMap((name) => (value as Strings)[name] ?? []);
  return all.filter((text): text is string => typeof text === 'string' && text !== '');
}

/** Without case, accents, punctuation and white space; a text of punctuation alone keeps it. */
export function bare(text: string): string {
  const low = text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const significant = Array.from(low)
    .filter((sign) => !/[\p{P}\p{Z}\p{Sk}\p{C}]/u.test(sign))
    .join('');
  return significant === '' ? low : significant;
}

export function textMeets(text: string, asked: string, modifier: string | undefined): boolean {
  if (modifier === 'exact') return text === asked;
  if (modifier === 'contains') return bare(text).includes(bare(asked));
  return bare(text).startsWith(bare(asked));
}
