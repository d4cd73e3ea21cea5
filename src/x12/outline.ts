import { codeLabel } from './codeLabel.ts';
import { compile, memberFor } from './compile.ts';
import type { LoopNode } from './compile.ts';
import type { Fault } from './fault.ts';
import type { ElementUse, SegmentUse } from './guide.ts';
import { guide as guideById } from './guides.ts';
import { membersOf } from './loop.ts';
import type { Loop } from './loop.ts';
import type { GroupEnd, InterchangeEnd, Part, SetEnd } from './part.ts';
import { readBytes } from './read.ts';
import type { Segment } from './segment.ts';

/** An element as a person reads it. */
export interface OutlinedElement {
  /** 'CLM05-1'. */
  readonly place: string;
  readonly name: string;
  readonly value: string;
  /** What the value means, where it is a code known here or a date. */
  readonly meaning: string;
  readonly faults: readonly string[];
}

/** A line of the outline: a segment with its elements, or a fault beside no segment. */
export interface OutlineLine {
  readonly depth: number;
  readonly position: number;
  readonly loop: string;
  readonly id: string;
  readonly name: string;
  readonly elements: readonly OutlinedElement[];
  /** Faults of the segment as a whole, and of what it closes. */
  readonly faults: readonly string[];
}

/** The lines of a page; further ones are left out, which is told. */
export const mostLines = 20_000;

const textOf = ({ level, code, sentence }: Fault): string =>
  `${level === 'element' ? 'IK403' : level === 'segment' ? 'IK304' : level === 'set' ? 'IK502' : level === 'group' ? 'AK905' : 'TA105'} ${code}: ${sentence}`;

/** Outlines a file of interchanges: every segment in its loop, each element with its meaning, faults where they lie. */
export function* outlined(bytes: Uint8Array, mostHeld = Infinity): Generator<OutlineLine> {
  for (const part of readBytes(bytes, { whole: true, mostHeld })) yield* linesOf(part);
}

/** The same as a page shows it: the first lines of a long file, and that there are more. */
export function outlineOf(bytes: Uint8Array): readonly OutlineLine[] {
  const lines: OutlineLine[] = [];
  for (const line of outlined(bytes, mostLines)) {
    if (lines.length === mostLines) {
      const told = `Only the first ${mostLines} segments are shown; neither the others nor their faults are. What follows begins with from=${mostLines + 1}.`;
      lines.push({ ...noSegment, depth: 0, position: line.position, faults: [told] });
      break;
    }
    lines.push(line);
  }
  return lines;
}

/** The lines of a part of a file that is read whole. */
export function* linesOf(part: Part): Generator<OutlineLine> {
  switch (part.kind) {
    case 'interchange':
      yield envelopeLine(part.header, 0, []);
      break;
    case 'acknowledgement':
      yield envelopeLine(part.segment, 1, []);
      break;
    case 'group':
      yield envelopeLine(part.header, 1, []);
      break;
    case 'setEnd':
      yield* setLines(part);
      break;
    case 'groupEnd':
      yield* endLines(part, 1);
      break;
    case 'interchangeEnd':
      yield* endLines(part, 0);
      break;
    case 'stray':
      yield faultLine(0, part.fault);
      break;
    default:
  }
}

/** The faults of the segments of a set, by where they lie. */
export const faultsByPosition = (faults: readonly Fault[]): ReadonlyMap<number, readonly Fault[]> =>
  Map.groupBy(
    faults.filter(({ level }) => level !== 'set'),
    ({ position }) => position,
  );

function* setLines({ guide, set, faults, unlisted, position }: SetEnd): Generator<OutlineLine> {
  const byPosition = faultsByPosition(faults);
  yield* inLoop(set, { node: guide && compile(guide, true), depth: 2, byPosition });
  yield* setFaultLines({ faults, unlisted, position });
}

/** What is wrong with a set as a whole, and how many faults of it are not listed. */
export function* setFaultLines({
  faults,
  unlisted,
  position,
}: Pick<SetEnd, 'faults' | 'unlisted' | 'position'>): Generator<OutlineLine> {
  for (const fault of faults) if (fault.level === 'set') yield faultLine(2, fault);
  if (unlisted > 0)
    yield { ...noSegment, depth: 2, position, faults: [`${unlisted} further faults are not listed.`] };
}

function* endLines({ trailer, faults }: GroupEnd | InterchangeEnd, depth: number): Generator<OutlineLine> {
  if (trailer) yield envelopeLine(trailer, depth, faults);
  else for (const fault of faults) yield faultLine(depth, fault);
}

export const noSegment = { loop: '', id: '', name: '', elements: [] } as const;

const faultLine = (depth: number, fault: Fault): OutlineLine => ({
  ...noSegment,
  depth,
  position: fault.position,
  faults: [textOf(fault)],
});

function envelopeLine(segment: Segment, depth: number, faults: readonly Fault[]): OutlineLine {
  const use = guideById('00501').content.find(
    (one): one is SegmentUse => one.id === segment.id && 'elements' in one,
  );
  return lineOf(segment, use, { depth, loop: '', faults, own: faults });
}

export interface Within {
  /** Absent where no guide reads the set, or the guide does not know the loop. */
  readonly node: LoopNode | undefined;
  readonly depth: number;
  readonly byPosition: ReadonlyMap<number, readonly Fault[]>;
  /** Whether the segment at a position is wanted; every one where it is absent. */
  readonly isWanted?: (position: number) => boolean;
}

/** A loop's segments and inner loops in the order they were sent. */
export function* inLoop(loop: Loop, { node, depth, byPosition, isWanted }: Within): Generator<OutlineLine> {
  const [first] = loop.segments;
  for (const member of membersOf(loop)) {
    if ('elements' in member) {
      if (isWanted?.(member.position) === false) continue;
      const faults = byPosition.get(member.position) ?? [];
      const own = faults.filter(({ level, segmentId }) => level === 'segment' || segmentId !== member.id);
      const use = node && memberFor(node, member, member === first)?.opening;
      yield lineOf(member, use, { depth, loop: loop.id === 'ST' ? '' : loop.id, faults, own });
    } else {
      const inner = node?.members.find((one) => one.node?.id === member.id)?.node;
      yield* inLoop(member, { node: inner, depth: depth + 1, byPosition, ...(isWanted ? { isWanted } : {}) });
    }
  }
}

function lineOf(
  segment: Segment,
  use: SegmentUse | undefined,
  at: { depth: number; loop: string; faults: readonly Fault[]; own: readonly Fault[] },
): OutlineLine {
  const elements = segment.elements.flatMap((value, n) =>
    value === '' && !at.faults.some((fault) => fault.element === n + 1)
      ? []
      : elementsOf(segment, { n: n + 1, value, use: use?.elements[n], faults: at.faults }),
  );
  return {
    depth: at.depth,
    position: segment.position,
    loop: at.loop,
    id: segment.id,
    name: use?.name ?? 'not in the guide here',
    elements,
    faults: at.own.map(textOf),
  };
}

interface Found {
  readonly n: number;
  readonly value: string;
  readonly use: ElementUse | undefined;
  readonly faults: readonly Fault[];
}

function elementsOf(segment: Segment, { n, value, use, faults }: Found): readonly OutlinedElement[] {
  const place = `${segment.id}${String(n).padStart(2, '0')}`;
  const mine = faults.filter((fault) => fault.level === 'element' && fault.element === n);
  const { component, repetition } = segment.delimiters;
  if (!use?.components) {
    const name = use?.name ?? '';
    const before = segment.elements[n - 2] ?? '';
    return [{ place, name, value, meaning: meaningOf(use, value, before), faults: mine.map(textOf) }];
  }
  const parts = use.components;
  const all = repetition === '' || segment.id === 'ISA' ? [value] : value.split(repetition);
  return all.flatMap((one, times) => {
    const values = one.split(component);
    return values.flatMap((part, m): OutlinedElement[] => {
      const own = mine.filter(
        (fault) => (fault.component ?? 1) === m + 1 && (fault.repeat ?? 1) === times + 1,
      );
      if (part === '' && own.length === 0) return [];
      const inner = parts[m];
      const meaning = meaningOf(inner, part, values[m - 1] ?? '');
      return [
        {
          place: `${place}-${m + 1}`,
          name: inner?.name ?? '',
          value: part,
          meaning,
          faults: own.map(textOf),
        },
      ];
    });
  });
}

/** A date as people write it, a code in our own words. */
function meaningOf(use: ElementUse | undefined, value: string, before: string): string {
  const isDay = (text: string): boolean => /^\d{8}$/.test(text);
  const day = (text: string): string => `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
  if (use?.type === 'DT' && isDay(value)) return day(value);
  if (use?.number === '1251' && before === 'D8' && isDay(value)) return day(value);
  if (use?.number === '1251' && before === 'RD8' && /^\d{8}-\d{8}$/.test(value))
    return value.split('-').map(day).join(' to ');
  return use?.number === undefined ? '' : codeLabel(use.number, value);
}

/** The outline as text, one line a segment and one an element. */
export function outlineText(lines: readonly OutlineLine[]): string {
  return lines
    .flatMap(({ depth, position, loop, id, name, elements, faults }) => {
      const indent = '  '.repeat(depth);
      const head =
        id === ''
          ? []
          : [`${String(position).padStart(5)} ${indent}${loop === '' ? '' : `${loop} `}${id} ${name}`];
      const inner = `${' '.repeat(8)}${indent}`;
      return [
        ...head,
        ...elements.flatMap((element) => [
          `${inner}${`${element.place} ${element.name}`.trimEnd()}: ${element.value}${element.meaning === '' ? '' : ` (${element.meaning})`}`,
          ...element.faults.map((fault) => `${inner}!! ${fault}`),
        ]),
        ...faults.map((fault) => `${inner}!! ${fault}`),
      ];
    })
    .map((line) => `${line}\n`)
    .join('');
}

const escaped = (text: string): string =>
  text.replace(
    /[&<>"]/g,
    (mark) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[mark] ?? mark,
  );

const deepest = 15;

/** The style of the page, which the policy of its answer names; depth is a class, for it allows no other style. */
export const outlineStyle =
  'body{font:14px sans-serif}h2{font-size:1em;margin:.6em 0 .1em}td{padding:0 1em 0 0;vertical-align:top}.fault{color:#a00;font-weight:bold}' +
  Array.from({ length: deepest + 1 }, (_, depth) => `.d${depth}{margin-left:${depth * 1.5}em}`).join('');

/** The outline as a page of its own; faults stand out. */
export function outlineHtml(lines: readonly OutlineLine[]): string {
  const rows = lines.map(({ depth, position, loop, id, name, elements, faults }) => {
    const cells = elements.map(
      (element) =>
        `<tr${element.faults.length > 0 ? ' class="fault"' : ''}><td>${escaped(element.place)}</td>` +
        `<td>${escaped(element.name)}</td><td>${escaped(element.value)}</td><td>${escaped(element.meaning)}</td>` +
        `<td>${escaped(element.faults.join(' '))}</td></tr>`,
    );
    const own = faults.map((fault) => `<p class="fault">${escaped(fault)}</p>`).join('');
    const head =
      id === '' ? '' : `<h2>${position} ${escaped(loop)} <b>${escaped(id)}</b> ${escaped(name)}</h2>`;
    const table = cells.length > 0 ? `<table>${cells.join('')}</table>` : '';
    return `<section class="d${Math.min(depth, deepest)}">${head}${own}${table}</section>`;
  });
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Outline</title><style>${outlineStyle}</style><body>${rows.join('\n')}</body></html>\n`;
}
