import { X12WriteError } from './writeError.ts';

/** The four separators an interchange announces in its ISA. Before version 00402 there is no repetition: ''. */
export interface Delimiters {
  readonly element: string;
  readonly component: string;
  readonly repetition: string;
  readonly terminator: string;
}

/** One segment as it was sent. Elements are raw: composites and repetitions are not split. */
export interface Segment {
  readonly id: string;
  /** Element 01 is elements[0]. */
  readonly elements: readonly string[];
  /** Its place in its interchange; ISA is 1. A segment made for writing has 0. */
  readonly position: number;
  readonly delimiters: Delimiters;
}

/** The separators used most, and the ones written where nothing else is asked. */
export const usualDelimiters: Delimiters = { element: '*', component: ':', repetition: '^', terminator: '~' };

/** Element n, counted from 1 as in the guide; '' where it is absent. */
export const element = (segment: Segment, n: number): string => segment.elements[n - 1] ?? '';

/** The parts of composite element n, of its first repetition. */
export function components(segment: Segment, n: number): readonly string[] {
  const [first = ''] = repeats(segment, n);
  return first === '' ? [] : first.split(segment.delimiters.component);
}

/** Part m of composite element n, both counted from 1; '' where it is absent. */
export const component = (segment: Segment, n: number, m: number): string =>
  components(segment, n)[m - 1] ?? '';

/** The repetitions of element n; none where it is absent. */
export function repeats(segment: Segment, n: number): readonly string[] {
  const value = element(segment, n);
  if (value === '') return [];
  const { repetition } = segment.delimiters;
  return repetition === '' ? [value] : value.split(repetition);
}

/** An element to be written: its text, the parts of a composite, or repetitions of either. */
export type Value =
  string | readonly string[] | { readonly repeated: readonly (string | readonly string[])[] };

/** A segment to be written. Trailing empty elements are left out; data that holds a separator is refused. */
export function segment(
  id: string,
  elements: readonly Value[],
  delimiters: Delimiters = usualDelimiters,
): Segment {
  const separator = separatorsOf(delimiters);
  const written = (value: string): string => {
    if (separator.test(value)) throw new X12WriteError(`An element of ${id} holds a separator.`);
    return value;
  };
  const one = (value: string | readonly string[]): string =>
    typeof value === 'string' ? written(value) : trimmed(value).map(written).join(delimiters.component);
  const values = elements.map((value) =>
    typeof value === 'object' && 'repeated' in value
      ? value.repeated.map(one).join(delimiters.repetition)
      : one(value),
  );
  return { id, elements: trimmed(values), position: 0, delimiters };
}

/** What no data may hold; made once for the separators used most. */
function separatorsOf(delimiters: Delimiters): RegExp {
  if (delimiters === usualDelimiters) return usualSeparators;
  const marks = Object.values(delimiters).filter((mark: string) => mark !== '');
  return new RegExp(`[${marks.map((mark: string) => mark.replace(/[\\\]^-]/g, '\\$&')).join('')}]`);
}

const usualSeparators = /[*:^~]/;

function trimmed(values: readonly string[]): readonly string[] {
  let end = values.length;
  while (end > 0 && values[end - 1] === '') end -= 1;
  return values.slice(0, end);
}
