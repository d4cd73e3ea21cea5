import type { Delimiters, Segment } from './segment.ts';

/** Bytes, and the same as Latin-1 text: an index in one is an index in the other. */
export interface Source {
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** Where cutting stands: what the next segment gets, and where it was found to end. */
export interface Cutting extends Source {
  readonly position: number; // of the segment before
  readonly separator: number;
  readonly terminator: number;
  cutEnd: number;
}

/** Segment ids by their bytes, so that the same id is the same text. */
const ids = new Map<number, string>();

/** The id of two or three characters that stands here before an element separator. */
function idAt({ text, bytes }: Source, at: number, separator: number): string | undefined {
  const third = bytes[at + 2] ?? 0;
  const isShort = third === separator;
  if (!isShort && bytes[at + 3] !== separator) return undefined;
  const key = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (isShort ? 0 : third);
  const known = ids.get(key);
  if (known !== undefined) return known;
  const id = text.slice(at, at + (isShort ? 2 : 3));
  if (!/^[A-Z][A-Z0-9]{1,2}$/.test(id)) return undefined;
  ids.set(key, id);
  return id;
}

/**
 * Cuts a segment as nearly all are: a known id, no line end within, seven bits a character. Undefined where it
 * is another, or has not come to its end.
 */
export function cutPlain(source: Cutting, at: number, delimiters: Delimiters): Segment | undefined {
  const { text, bytes, separator, terminator } = source;
  const id = idAt(source, at, separator);
  if (id === undefined) return undefined;
  const elements: string[] = [];
  let from = at + id.length + 1;
  for (let n = from; n < bytes.length; n += 1) {
    const byte = bytes[n] ?? 0;
    if (byte === separator) {
      elements.push(text.slice(from, n));
      from = n + 1;
    } else if (byte === terminator) {
      elements.push(text.slice(from, n));
      source.cutEnd = n;
      return { id, elements, position: source.position + 1, delimiters };
    } else if (byte > 126 || byte === 10 || byte === 13) return undefined;
  }
  return undefined;
}
