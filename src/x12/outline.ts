import { codeLabel } from './codeLabel.ts';
import type { Fault } from './fault.ts';
import type { ElementUse, SegmentUse } from './guide.ts';
import { guide as guideById } from './guides.ts';
import type { Loop } from './loop.ts';
import type { Part } from './part.ts';
import { partsOf } from './read.ts';
import type { Segment } from './segment.ts';
import { compile, matches } from './compile.ts';
import type { LoopNode } from './compile.ts';

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

/** What may be outlined of a file; the rest is left out. */
const mostSegments = 20_000;

const textOf = ({ level, code, sentence }: Fault): string =>
  `${level === 'element' ? 'IK403' : level === 'segment' ? 'IK304' : level === 'set' ? 'IK502' : level === 'group' ? 'AK905' : 'TA105'} ${code}: ${sentence}`;

/** Outlines a file of interchanges: every segment in its loop, each element with its meaning, faults where they lie. */
export function outlineOf(bytes: Uint8Array): readonly OutlineLine[] {
  const lines: OutlineLine[] = [];
  const { push, end } = partsOf({ whole: true });
  const take = (part: Part): void => {
    if (lines.length < mostSegments) lines.push(...linesOf(part));
  };
  for (const part of push(bytes)) take(part);
  for (const part of end()) take(part);
  return lines;
}

function linesOf(part: Part): readonly OutlineLine[] {
  switch (part.kind) {
    case 'interchange':
      return [envelopeLine(part.header, 0, [])];
    case 'acknowledgement':
      return [envelopeLine(part.segment, 1, [])];
    case 'group':
      return [envelopeLine(part.header, 1, [])];
    case 'setEnd':
      return part.guide
        ? inLoop(part.set, { node: compile(part.guide, true), depth: 2, faults: part.faults }).concat(
            part.faults.filter(({ level }) => level === 'set').map((fault) => faultLine(2, fault)),
          )
        : part.faults.map((fault) => faultLine(2, fault));
    case 'groupEnd':
      return [
        ...(part.trailer
          ? [envelopeLine(part.trailer, 1, part.faults)]
          : part.faults.map((f) => faultLine(1, f))),
      ];
    case 'interchangeEnd':
      return [
        ...(part.trailer
          ? [envelopeLine(part.trailer, 0, part.faults)]
          : part.faults.map((fault) => faultLine(0, fault))),
      ];
    case 'stray':
      return [faultLine(0, part.fault)];
    default:
      return [];
  }
}

const faultLine = (depth: number, fault: Fault): OutlineLine => ({
  ...{ depth, position: fault.position, loop: '', id: '', name: '', elements: [] },
  faults: [textOf(fault)],
});

function envelopeLine(segment: Segment, depth: number, faults: readonly Fault[]): OutlineLine {
  const use = guideById('00501').content.find(
    (one): one is SegmentUse => one.id === segment.id && 'elements' in one,
  );
  return lineOf(segment, use, { depth, loop: '', faults, own: faults });
}

interface Within {
  readonly node: LoopNode | undefined;
  readonly depth: number;
  readonly faults: readonly Fault[];
}

/** A loop's segments and inner loops in the order they were sent. */
function inLoop(loop: Loop, within: Within): OutlineLine[] {
  const { node, depth, faults } = within;
  const lines: { readonly at: number; readonly made: readonly OutlineLine[] }[] = [];
  loop.segments.forEach((segment, n) => {
    const here = faults.filter((fault) => fault.position === segment.position && fault.level !== 'set');
    const own = here.filter(({ level, segmentId }) => level === 'segment' || segmentId !== segment.id);
    const use = useOf(node, segment, n === 0);
    const line = lineOf(segment, use, { depth, loop: loop.id === 'ST' ? '' : loop.id, faults: here, own });
    lines.push({ at: segment.position, made: [line] });
  });
  for (const inner of loop.loops) {
    const member = node?.members.find((one) => one.node?.id === inner.id);
    const made = inLoop(inner, { node: member?.node, depth: depth + 1, faults });
    lines.push({ at: made[0]?.position ?? 0, made });
  }
  return lines.sort((a, b) => a.at - b.at).flatMap(({ made }) => made);
}

function useOf(node: LoopNode | undefined, segment: Segment, isFirst: boolean): SegmentUse | undefined {
  const opening = node?.members[0]?.opening;
  if (isFirst && opening?.id === segment.id) return opening;
  const candidates = (node?.bySegment.get(segment.id) ?? []).filter((member) => !member.node);
  return (candidates.find((member) => matches(member, segment)) ?? candidates[0])?.opening;
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
          `${inner}${element.place} ${element.name}: ${element.value}${element.meaning === '' ? '' : ` (${element.meaning})`}`,
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
    return `<section style="margin-left:${depth * 1.5}em">${head}${own}${cells.length > 0 ? `<table>${cells.join('')}</table>` : ''}</section>`;
  });
  const style =
    'body{font:14px sans-serif}h2{font-size:1em;margin:.6em 0 .1em}td{padding:0 1em 0 0;vertical-align:top}.fault{color:#a00;font-weight:bold}';
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Outline</title><style>${style}</style><body>${rows.join('\n')}</body></html>\n`;
}
