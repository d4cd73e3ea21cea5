import { isLoop } from './guide.ts';
import type { Guide, SegmentUse, Use } from './guide.ts';
import type { Segment } from './segment.ts';
import { quickUse } from './sound.ts';
import type { QuickUse } from './sound.ts';

/** A value by which a segment is told from others of the same id: NM101, HL03, the first part of HI01. */
interface Test {
  /** Index in Segment.elements. */
  readonly at: number;
  readonly composite: boolean;
  readonly codes: readonly string[];
  /** The code where there is one only. */
  readonly only: string | undefined;
}

/** A member of a loop, made ready for the walk. */
export interface Member {
  /** Its place among the members of its loop. */
  readonly index: number;
  readonly position: number;
  readonly use: Use;
  /** The segment itself, or the one that opens the loop. */
  readonly opening: SegmentUse;
  /** What a loop holds; absent for a segment. */
  readonly node?: LoopNode;
  readonly tests: readonly Test[];
  readonly quick: QuickUse;
}

export interface LoopNode {
  readonly id: string;
  readonly members: readonly Member[];
  readonly bySegment: ReadonlyMap<string, readonly Member[]>;
  /** A count of none for each member, to be copied. */
  readonly noCounts: readonly number[];
  /** Members that must come, in their order. */
  readonly required: readonly Member[];
  /** Handed on by itself while reading. */
  readonly isUnit: boolean;
  /** Holds units somewhere below. */
  readonly holdsUnits: boolean;
}

const inUnits = new WeakMap<Guide, LoopNode>();
const inWhole = new WeakMap<Guide, LoopNode>();

/** The guide as a tree that the walk follows, made once; whole, a set is not handed on in units. */
export function compile(guide: Guide, whole: boolean): LoopNode {
  const compiled = whole ? inWhole : inUnits;
  const known = compiled.get(guide);
  if (known) return known;
  const made = nodeOf('ST', guide.content, new Set(whole ? [] : guide.units));
  compiled.set(guide, made);
  return made;
}

/** The segment that opens a loop, or the segment itself. */
export function openingOf(use: Use): SegmentUse {
  if (!isLoop(use)) return use;
  const [first] = use.content;
  if (!first) throw new Error(`loop ${use.id} has no segment`);
  return openingOf(first);
}

function nodeOf(id: string, content: readonly Use[], units: ReadonlySet<string>): LoopNode {
  const ordered = content
    .map((use, order) => ({ use, order }))
    .sort((a, b) => a.use.position - b.use.position || a.order - b.order);
  const openings = ordered.map(({ use }) => openingOf(use));
  const members = ordered.map(({ use }, index): Member => {
    const opening = openings[index] ?? openingOf(use);
    const alike = openings.filter((other, n) => n !== index && other.id === opening.id);
    const tests = testsOf(opening, alike);
    const quick = quickUse(opening);
    const member = { index, position: use.position, use, opening, tests, quick };
    return isLoop(use) ? { ...member, node: nodeOf(use.id, use.content, units) } : member;
  });
  const bySegment = new Map<string, Member[]>();
  for (const member of members) {
    const alike = bySegment.get(member.opening.id);
    if (alike) alike.push(member);
    else bySegment.set(member.opening.id, [member]);
  }
  const holdsUnits = members.some(({ node }) => node && (node.isUnit || node.holdsUnits));
  const required = members.filter(({ use }) => use.usage === 'R');
  const noCounts = members.map(() => 0);
  return { id, members, bySegment, noCounts, required, isUnit: units.has(id), holdsUnits };
}

/** By which values a use is told from others: HL03, else element 01, and what else sets it apart from its likes. */
function testsOf(use: SegmentUse, alike: readonly SegmentUse[]): readonly Test[] {
  if (use.id === 'HL') return testAt(use, 2);
  const first = testAt(use, 0);
  const same = alike.filter((other) => !apart(first[0], testAt(other, 0)[0]));
  if (same.length === 0) return first;
  const further = use.elements.flatMap((_, at) => {
    const [test] = at === 0 ? [] : testAt(use, at);
    return test && same.some((other) => apart(test, testAt(other, at)[0])) ? [test] : [];
  });
  return [...first, ...further];
}

function testAt(use: SegmentUse, at: number): readonly Test[] {
  const found = use.elements[at];
  const part = found?.components ? found.components[0] : found;
  if (!part?.codes || part.codes.length === 0 || (part.usage !== 'R' && found?.usage !== 'R')) return [];
  return [
    {
      at,
      composite: found?.components !== undefined,
      codes: part.codes,
      only: part.codes.length === 1 ? part.codes[0] : undefined,
    },
  ];
}

const apart = (a: Test | undefined, b: Test | undefined): boolean =>
  a !== undefined && b !== undefined && a.codes.every((code) => !b.codes.includes(code));

/** True where the segment carries the values of this member. */
export function matches({ tests }: Member, { elements, delimiters }: Segment): boolean {
  for (const { at, composite, codes, only } of tests) {
    const value = elements[at] ?? '';
    if (value === only) continue;
    if (!composite) {
      if (only !== undefined || !codes.includes(value)) return false;
      continue;
    }
    if (codes.includes(value)) continue;
    const end = value.indexOf(delimiters.component);
    if (end < 0 || !codes.includes(value.slice(0, end))) return false;
  }
  return true;
}

/** The use of a segment of a loop: where it opens the loop the first, else the one it fits best. */
export function memberFor(node: LoopNode, segment: Segment, isFirst: boolean): Member | undefined {
  const opens = isFirst && node.id !== 'ST' ? node.members[0] : undefined;
  if (opens?.opening.id === segment.id) return opens;
  const candidates = (node.bySegment.get(segment.id) ?? []).filter((member) => !member.node);
  return candidates.find((member) => matches(member, segment)) ?? candidates[0];
}
