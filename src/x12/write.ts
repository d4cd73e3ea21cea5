import { compile, memberFor } from './compile.ts';
import type { LoopNode, Member } from './compile.ts';
import type { Guide } from './guide.ts';
import { fittest } from './fittest.ts';
import { guidesOf } from './guides.ts';
import type { Loop } from './loop.ts';
import { segmentsWithin } from './loop.ts';
import { element, segment as made, usualDelimiters } from './segment.ts';
import type { Delimiters, Segment } from './segment.ts';
import { X12WriteError } from './writeError.ts';

/** Who sends to whom, and the numbers this interchange has. Dates are CCYYMMDD, times HHMM. */
export interface InterchangeHeader {
  readonly senderQualifier: string;
  readonly sender: string;
  readonly receiverQualifier: string;
  readonly receiver: string;
  readonly date: string;
  readonly time: string;
  readonly controlNumber: number;
  /** P production, T test. */
  readonly usage: 'P' | 'T';
  /** True where a TA1 is asked for. */
  readonly acknowledge?: boolean;
  /** ISA12; 00501 where absent. */
  readonly version?: '00501' | '00401';
}

export interface GroupToWrite {
  readonly functionalGroup: string;
  readonly sender: string;
  readonly receiver: string;
  readonly controlNumber: number;
  /** GS08. */
  readonly version: string;
  readonly date: string;
  /** HHMM or longer. */
  readonly time: string;
  readonly sets: readonly SetToWrite[];
}

/** A set: its ST02 and what stands between ST and SE, as a tree the guide orders or as segments in order. */
export interface SetToWrite {
  readonly controlNumber: string;
  readonly set: string;
  /** ST03; '' where the guide has none (835, 4010). */
  readonly convention: string;
  readonly content: Loop | readonly Segment[];
}

/** Writes an interchange; counts and numbers of the envelope are made here. TA1 segments come before groups. */
export function writeInterchange(
  header: InterchangeHeader,
  groups: readonly GroupToWrite[],
  options: { readonly delimiters?: Delimiters; readonly acknowledgements?: readonly Segment[] } = {},
): string {
  const delimiters = options.delimiters ?? usualDelimiters;
  const lines = [isa(header, delimiters)];
  for (const acknowledgement of options.acknowledgements ?? [])
    lines.push(writeSegment(acknowledgement, delimiters));
  // one by one: a spread of very many segments overflows the stack
  for (const group of groups) for (const line of groupLines(group, delimiters)) lines.push(line);
  const number = digits(header.controlNumber, 9);
  lines.push(writeSegment(made('IEA', [String(groups.length), number], delimiters), delimiters));
  return lines.join('');
}

function isa(header: InterchangeHeader, delimiters: Delimiters): string {
  const version = header.version ?? '00501';
  const elements = [
    '00',
    ''.padEnd(10),
    '00',
    ''.padEnd(10),
    header.senderQualifier,
    fixed(header.sender, 15),
    header.receiverQualifier,
    fixed(header.receiver, 15),
    header.date.slice(-6),
    header.time.slice(0, 4),
    version === '00501' ? delimiters.repetition : 'U',
    version,
    digits(header.controlNumber, 9),
    header.acknowledge === true ? '1' : '0',
    header.usage,
    delimiters.component,
  ];
  const text = `ISA${delimiters.element}${elements.join(delimiters.element)}${delimiters.terminator}`;
  if (text.length !== 106) throw new X12WriteError('An element of the ISA has not its fixed length.');
  return text;
}

function groupLines(group: GroupToWrite, delimiters: Delimiters): string[] {
  const { functionalGroup, sender, receiver, date, time, version, sets } = group;
  const number = String(group.controlNumber);
  const head = [functionalGroup, sender, receiver, date, time, number, 'X', version];
  const lines = [writeSegment(made('GS', head, delimiters), delimiters)];
  for (const set of sets) for (const line of setLines(set, version, delimiters)) lines.push(line);
  lines.push(writeSegment(made('GE', [String(sets.length), number], delimiters), delimiters));
  return lines;
}

function setLines(set: SetToWrite, version: string, delimiters: Delimiters): string[] {
  const body = [...bodyOf(set, version)].filter(({ id }) => id !== 'ST' && id !== 'SE');
  const head = made('ST', [set.set, set.controlNumber, set.convention], delimiters);
  const tail = made('SE', [String(body.length + 2), set.controlNumber], delimiters);
  return [head, ...body, tail].map((segment) => writeSegment(segment, delimiters));
}

function bodyOf({ content, set, convention }: SetToWrite, version: string): Iterable<Segment> {
  if (!('segments' in content)) return content;
  const named = guidesOf(set, convention);
  const guides = named.length > 0 ? named : guidesOf(set, version);
  const [first] = content.segments;
  // a 278 has a guide for requests and one for responses
  const guide = guides.length > 1 && first ? fittest(guides, first) : guides[0];
  if (!guide) throw new X12WriteError(`No guide writes a ${set} of ${convention || version}.`);
  return ordered(content, guide);
}

/** The segments of a set in the guide's order. A set that was read keeps the order it came in. */
export function ordered(set: Loop, guide: Guide): readonly Segment[] {
  if ((set.segments[0]?.position ?? 0) > 0) {
    const all = [...segmentsWithin(set)];
    if (all.every(({ position }) => position > 0)) return all;
  }
  const found: Segment[] = [];
  place(set, compile(guide, true), found);
  return found;
}

interface Placed {
  readonly member: Member;
  readonly write: () => void;
}

/** Sorts what a loop holds by position; what the guide does not know here is refused. */
function place(loop: Loop, node: LoopNode, found: Segment[]): void {
  const placed: Placed[] = [];
  loop.segments.forEach((segment, n) => {
    if (node.id === 'ST' && (segment.id === 'ST' || segment.id === 'SE')) return;
    const member = memberFor(node, segment, n === 0);
    if (!member) throw new X12WriteError(`${segment.id} has no place in loop ${node.id}.`);
    placed.push({ member, write: () => found.push(segment) });
  });
  for (const inner of loop.loops) {
    const member = node.members.find((one) => one.node?.id === inner.id);
    const { node: inside } = member ?? {};
    if (!member || !inside) throw new X12WriteError(`Loop ${inner.id} has no place in loop ${node.id}.`);
    placed.push({
      member,
      write: () => {
        place(inner, inside, found);
      },
    });
  }
  placed.sort((a, b) => a.member.position - b.member.position || a.member.index - b.member.index);
  for (const { write } of placed) write();
}

/** One segment as it is sent. Its own separators are exchanged for those of the interchange. */
export function writeSegment(segment: Segment, delimiters: Delimiters): string {
  const same = sameDelimiters(segment.delimiters, delimiters);
  const values = same
    ? segment.elements
    : segment.elements.map((_, n) => exchanged(segment, n + 1, delimiters));
  for (const value of values)
    if (value.includes(delimiters.element) || value.includes(delimiters.terminator))
      throw new X12WriteError(`An element of ${segment.id} holds a separator of the interchange.`);
  return [segment.id, ...values].join(delimiters.element) + delimiters.terminator;
}

const sameDelimiters = (a: Delimiters, b: Delimiters): boolean =>
  a === b ||
  (a.element === b.element &&
    a.component === b.component &&
    a.repetition === b.repetition &&
    a.terminator === b.terminator);

function exchanged(segment: Segment, n: number, to: Delimiters): string {
  const { delimiters: from } = segment;
  const value = element(segment, n);
  if (segment.id === 'ISA') return value;
  const parts = (from.repetition === '' ? [value] : value.split(from.repetition)).map((one) =>
    one.split(from.component),
  );
  const data = parts.flat();
  if (data.some((part) => [to.component, to.repetition].some((mark) => mark !== '' && part.includes(mark))))
    throw new X12WriteError(`An element of ${segment.id} holds a separator of the interchange.`);
  if (parts.length > 1 && to.repetition === '')
    throw new X12WriteError(`An element of ${segment.id} repeats, which this version cannot send.`);
  return parts.map((one) => one.join(to.component)).join(to.repetition);
}

/** Free text without the separators and without what no partner can read; blanks take their place. */
export const stripped = (text: string, delimiters: Delimiters = usualDelimiters): string =>
  Object.values(delimiters)
    .reduce<string>(
      (rest, mark: string) => (mark === '' ? rest : rest.replaceAll(mark, ' ')),
      text
        .normalize('NFKD')
        .replace(/\p{M}/gu, '')
        .replace(/[^\x20-\x7e]/gu, ' '),
    )
    .replace(/ {2,}/g, ' ')
    .trim();

function fixed(value: string, length: number): string {
  if (value.length > length) throw new X12WriteError(`An identifier of the ISA is longer than ${length}.`);
  return value.padEnd(length);
}

function digits(value: number, length: number): string {
  if (!Number.isSafeInteger(value) || value < 1 || String(value).length > length)
    throw new X12WriteError(`A control number must have one to ${length} digits.`);
  return String(value).padStart(length, '0');
}
