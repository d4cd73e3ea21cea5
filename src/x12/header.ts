import { interchangeFault } from './fault.ts';
import type { Fault } from './fault.ts';
import type { Delimiters, Segment } from './segment.ts';

/** ISA is the one segment of fixed length, terminator included: that is how its separators are found. */
export const headerLength = 106;

/** No ISA is longer than this with any of its elements at full length; past it there is none. */
const farthestTerminator = 160;

/** Where the sixteen element separators stand in an ISA of the right length. */
const separatorAt = [3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103];

const letterOrDigit = /[A-Za-z0-9 ]/;

/** The header of an interchange and how much of the text it took; without one, what is wrong with it. */
export interface Header {
  readonly segment?: Segment;
  readonly length: number;
  readonly faults: readonly Fault[];
}

/** True where an ISA begins: its three letters and a separator that is no letter, digit or blank. */
export const beginsHeader = (text: string, at: number): boolean =>
  text.startsWith('ISA', at) && text.length > at + 3 && !letterOrDigit.test(text.charAt(at + 3));

/** Reads the ISA at the start of the text, which holds `headerLength` characters or is all there is. */
export function readHeader(text: string): Header {
  const fixed = readFixed(text);
  if (fixed) return fixed;
  const short = readByCounting(text);
  if (short) return short;
  if (text.length < headerLength)
    return { length: text.length, faults: [interchangeFault('023', 'The file ends within the ISA.')] };
  return {
    length: 3,
    faults: [interchangeFault('022', 'The ISA cannot be read: its sixteen elements are not found.')],
  };
}

/** An ISA of 106 characters. One separator that was damaged is reported, and the rest is still read. */
function readFixed(text: string): Header | undefined {
  if (text.length < headerLength) return undefined;
  const found = new Map<string, number>();
  for (const at of separatorAt) found.set(text.charAt(at), (found.get(text.charAt(at)) ?? 0) + 1);
  const [separator = '', times = 0] = [...found].sort(([, a], [, b]) => b - a)[0] ?? [];
  if (times < separatorAt.length - 1 || letterOrDigit.test(separator)) return undefined;
  const elements = separatorAt.map((at, index) =>
    text.slice(at + 1, separatorAt[index + 1] ?? headerLength - 1),
  );
  const damaged = times < separatorAt.length || elements.some((value) => value.includes(separator));
  return withDelimiters(elements, text.charAt(headerLength - 1), {
    separator,
    length: headerLength,
    faults: damaged
      ? [interchangeFault('026', 'An element separator of the ISA is damaged or stands in its data.')]
      : [],
  });
}

/** An ISA of another length, found by counting sixteen separators. It is read on and reported. */
function readByCounting(text: string): Header | undefined {
  const separator = text.charAt(3);
  if (letterOrDigit.test(separator) || separator === '') return undefined;
  const elements: string[] = [];
  let at = 3;
  for (let n = 1; n < 16; n += 1) {
    const next = text.indexOf(separator, at + 1);
    if (next < 0 || next > farthestTerminator) return undefined;
    elements.push(text.slice(at + 1, next));
    at = next;
  }
  if (text.length < at + 3) return undefined;
  elements.push(text.charAt(at + 1));
  const faults = [
    interchangeFault('022', `The ISA has ${at + 3} characters with its terminator; it must have 106.`),
  ];
  return withDelimiters(elements, text.charAt(at + 2), { separator, length: at + 3, faults });
}

function withDelimiters(
  elements: readonly string[],
  terminator: string,
  read: { readonly separator: string; readonly length: number; readonly faults: readonly Fault[] },
): Header | undefined {
  const faults = [...read.faults];
  const repetition = elements[10] ?? '';
  const component = elements[15] ?? '';
  const delimiters: Delimiters = {
    element: read.separator,
    component,
    repetition: (elements[11] ?? '') >= '00402' && !letterOrDigit.test(repetition) ? repetition : '',
    terminator,
  };
  if (letterOrDigit.test(terminator) || terminator === read.separator) {
    if (read.length !== headerLength) return undefined;
    return {
      length: read.length,
      faults: [...faults, interchangeFault('004', 'The character after ISA16 cannot be a terminator.')],
    };
  }
  const all = [read.separator, component, terminator, ...(delimiters.repetition === '' ? [] : [repetition])];
  if (all.some((delimiter) => delimiter > '\x7f'))
    faults.push(interchangeFault('026', 'A separator is not a character of the basic set.'));
  if (letterOrDigit.test(component) || new Set(all).size < all.length)
    faults.push(interchangeFault('027', 'The separators of the ISA are not four different characters.'));
  return {
    segment: { id: 'ISA', elements, position: 1, delimiters },
    length: read.length,
    faults,
  };
}
