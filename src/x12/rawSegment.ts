import type { Delimiters, Segment } from './segment.ts';

/** Some senders wrap lines at a fixed width: a line end within a segment is none of its data. */
export const unwrapped = (raw: string): string =>
  !/[\r\n]/.test(raw) || /^B(?:IN|DS)/.test(raw) ? raw : raw.replace(/[\r\n]+/g, '');

/** How many elements come before the data of a binary segment. */
const beforeData: ReadonlyMap<string, number> = new Map([
  ['BIN', 1],
  ['BDS', 2],
]);

/** Where the data of BIN*length*data or BDS*code*length*data ends: it may hold any byte. */
export function binaryEnd(text: string, at: number, { element }: Delimiters): number | undefined {
  const head = text.slice(at, at + 40).split(element);
  const count = beforeData.get(head[0] ?? '');
  if (count === undefined) return undefined;
  const before = head.slice(0, count + 1);
  const length = before.at(-1) ?? '';
  if (head.length <= before.length || !/^\d{1,15}$/.test(length)) return undefined;
  return at + before.join(element).length + element.length + Number(length);
}

/** A segment of its text, separators within it looked for. */
export function segmentOf(raw: string, position: number, delimiters: Delimiters): Segment {
  const { element } = delimiters;
  const at = raw.indexOf(element);
  if (at < 0) return { id: raw, elements: [], position, delimiters };
  const id = raw.slice(0, at);
  const before = beforeData.get(id);
  const elements = raw.slice(at + element.length).split(element, before);
  if (before !== undefined) {
    // a separator within binary data separates nothing
    const taken = elements.reduce((length, value) => length + value.length + element.length, id.length);
    if (taken < raw.length) elements.push(raw.slice(taken + element.length));
  }
  return { id, elements, position, delimiters };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text of a segment: UTF-8 where its bytes are, Latin-1 where they are not. */
export function decode(raw: string): string {
  if (!/[\x80-\xff]/.test(raw)) return raw;
  try {
    return utf8.decode(Buffer.from(raw, 'latin1'));
  } catch {
    return raw; // bytes of Latin-1
  }
}
