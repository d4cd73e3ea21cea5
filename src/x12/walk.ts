import { checkSegment } from './checkSegment.ts';
import { compile, matches } from './compile.ts';
import type { LoopNode, Member } from './compile.ts';
import type { Fault } from './fault.ts';
import type { Frame, Walk } from './frame.ts';
import type { Guide } from './guide.ts';
import { checkLevel, checkLineNumber, closeLevel } from './level.ts';
import type { Loop } from './loop.ts';
import type { Segment } from './segment.ts';
import { isSound } from './sound.ts';
import { follows, strange, strangeNode } from './strange.ts';

const mostFaults = 1000;

export function startWalk(
  guide: Guide,
  given: Pick<Walk, 'unit' | 'mostHeld'> & { readonly whole: boolean },
): Walk {
  return {
    guide,
    frames: [frameOf(compile(guide, given.whole), false)],
    faults: [],
    unlisted: 0,
    held: 0,
    mostHeld: given.mostHeld,
    unit: given.unit,
    bare: [],
    lastLevel: 0,
    levels: new Map(),
  };
}

const frameOf = (node: LoopNode, isStrange: boolean): Frame => ({
  node,
  loop: { id: node.id, segments: [], loops: [] },
  counts: node.noCounts.slice(),
  position: 0,
  checked: 0,
  isStrange,
  hasUnit: false,
});

/** Puts the next segment of the set in its loop, and looks at it as the guide says. ST and SE too. */
export function step(walk: Walk, segment: Segment): void {
  const before = walk.faults.length;
  const { frames } = walk;
  const top = frames.at(-1);
  if (top?.isStrange === true) {
    if (follows(top.loop, segment)) {
      hold(walk, top, segment);
      return;
    }
    closeDownTo(walk, frames.length - 1, segment);
  }
  const found = inOrder(walk, segment) ?? outOfOrder(walk, segment) ?? bySegmentId(walk, segment);
  if (found) take(walk, found, segment);
  else takeStrange(walk, segment);
  if (walk.faults.length > mostFaults) {
    walk.unlisted += walk.faults.length - Math.max(before, mostFaults);
    walk.faults.length = Math.max(before, mostFaults);
  }
}

interface Found {
  readonly depth: number;
  readonly member: Member;
  readonly late: boolean;
}

/**
 * The innermost loop that takes the segment at or after the position it has reached. Where every place is
 * taken already, the innermost one that may not come again.
 */
function inOrder({ frames }: Walk, segment: Segment): Found | undefined {
  let full: Found | undefined;
  for (let depth = frames.length - 1; depth >= 0; depth -= 1) {
    const frame = frames[depth];
    const candidates = frame?.node.bySegment.get(segment.id);
    if (!frame || !candidates) continue;
    for (const member of candidates) {
      if (member.position < frame.position || !matches(member, segment)) continue;
      if (hasRoom(frame, member)) return { depth, member, late: false };
      const opensAgain = depth > 0 && member.index === 0; // it begins the loop once more
      if (!opensAgain) full ??= { depth, member, late: false };
    }
  }
  return full;
}

const hasRoom = (frame: Frame, { use, index }: Member): boolean =>
  use.repeat === null || (frame.counts[index] ?? 0) < use.repeat;

/** A loop that had its place earlier: the segment comes too late. */
function outOfOrder({ frames }: Walk, segment: Segment): Found | undefined {
  for (let depth = frames.length - 1; depth >= 0; depth -= 1) {
    const member = frames[depth]?.node.bySegment.get(segment.id)?.find((one) => matches(one, segment));
    if (member) return { depth, member, late: true };
  }
  return undefined;
}

/** Where the id has one use only, a wrong code in it is a fault of the element and not of the segment. */
function bySegmentId({ frames }: Walk, segment: Segment): Found | undefined {
  if (segment.id === 'HL') return undefined;
  for (let depth = frames.length - 1; depth >= 0; depth -= 1) {
    const frame = frames[depth];
    const candidates = frame?.node.bySegment.get(segment.id) ?? [];
    const [only] = candidates;
    if (!frame || !only) continue;
    return candidates.length === 1 && only.position >= frame.position
      ? { depth, member: only, late: false }
      : undefined;
  }
  return undefined;
}

function take(walk: Walk, { depth, member, late }: Found, segment: Segment): void {
  const { frames, faults } = walk;
  const frame = frames[depth];
  if (!frame) return;
  const { node } = member;
  if (late) faults.push(segmentFault(segment, { code: '7', loop: frame.node.id, says: 'comes too late' }));
  if (late && !node) {
    // it is kept where it was sent
    check(walk, frame, { member, segment });
    hold(walk, frames.at(-1) ?? frame, segment);
    return;
  }
  if (depth < frames.length - 1) closeDownTo(walk, depth + 1, segment);
  if (!late) passUpTo(walk, frame, { position: member.position, segment });
  const count = (frame.counts[member.index] ?? 0) + 1;
  frame.counts[member.index] = count;
  const { repeat } = member.use;
  if (repeat !== null && count > repeat) tooOften(walk, frame, { member, segment });
  if (!node) {
    check(walk, frame, { member, segment });
    hold(walk, frame, segment);
    return;
  }
  const opened = frameOf(node, false);
  frames.push(opened);
  if (segment.id === 'HL') checkLevel(walk, opened, segment);
  else if (segment.id === 'LX') checkLineNumber(walk, opened, { segment, count });
  openWith(walk, opened, segment);
}

/** The segment that opens a loop is its first member, or opens its first member's loop. */
function openWith(walk: Walk, frame: Frame, segment: Segment): void {
  const [first] = frame.node.members;
  if (!first) return;
  frame.counts[0] = 1;
  frame.position = first.position;
  check(walk, frame, { member: first, segment });
  hold(walk, frame, segment);
}

function check(
  { faults }: Walk,
  { node }: Frame,
  { member, segment }: { member: Member; segment: Segment },
): void {
  if (isSound(segment, member.quick)) return;
  checkSegment(segment, member.opening, { loop: named(node.id), faults });
}

function tooOften(
  { faults }: Walk,
  frame: Frame,
  { member, segment }: { member: Member; segment: Segment },
): void {
  const { use, node } = member;
  const refuses = use.unsure !== true;
  const fault = node
    ? { code: '4', loop: node.id, says: 'opens its loop more often than it may', refuses }
    : { code: '5', loop: frame.node.id, says: 'comes more often than it may', refuses };
  faults.push(segmentFault(segment, fault));
}

function takeStrange(walk: Walk, segment: Segment): void {
  const { frames, faults, guide } = walk;
  const top = frames.at(-1);
  if (!top) return;
  faults.push(strange(segment, { loop: named(top.node.id), guide }));
  const opened = strangeNode(segment);
  if (!opened) {
    hold(walk, top, segment);
    return;
  }
  const frame = frameOf(opened, true);
  frames.push(frame);
  hold(walk, frame, segment);
}

/** Closes the loops from this depth down: what they still require is missing. */
export function closeDownTo(walk: Walk, depth: number, next: Segment): void {
  const { frames } = walk;
  while (frames.length > depth) {
    const frame = frames.pop();
    if (!frame) return;
    passUpTo(walk, frame, { position: Infinity, segment: next });
    closeLevel(walk, frame);
    const parent = frames.at(-1);
    if (!parent) return;
    const { loop, node } = frame;
    if (node.isUnit) {
      walk.unit({ loop, above: loopsOf(frames) });
      walk.held -= sizeOf(loop);
    } else if (!node.holdsUnits) parent.loop.loops.push(loop);
    else if (frame.hasUnit) walk.held -= sizeOf(loop);
    else walk.bare.push({ loop, above: loopsOf(frames) });
    if (node.isUnit || node.holdsUnits) parent.hasUnit = true;
  }
}

const loopsOf = (frames: readonly Frame[]): readonly Loop[] => frames.map(({ loop }) => loop);

const sizeOf = (loop: Loop): number =>
  loop.loops.reduce((size, inner) => size + sizeOf(inner), loop.segments.length);

/** Moves a loop on to a position: required members before it that did not come are missing here. */
function passUpTo(
  { faults }: Walk,
  frame: Frame,
  { position, segment }: { position: number; segment: Segment },
): void {
  const { required } = frame.node;
  for (; frame.checked < required.length; frame.checked += 1) {
    const member = required[frame.checked];
    if (!member || member.position >= position) break;
    const { use, opening, node } = member;
    if ((frame.counts[member.index] ?? 0) > 0) continue;
    const missing = { id: opening.id, position: segment.position };
    faults.push(
      segmentFault(missing, {
        code: '3',
        loop: node?.id ?? frame.node.id,
        says: 'is required and missing',
        refuses: use.unsure !== true,
      }),
    );
  }
  if (position !== Infinity) frame.position = position;
}

function hold(walk: Walk, frame: Frame, segment: Segment): void {
  if (walk.held >= walk.mostHeld) {
    if (walk.held === walk.mostHeld)
      walk.faults.push(
        segmentFault(segment, { code: '8', loop: frame.node.id, says: 'is one too many to be read' }),
      );
    walk.held = walk.mostHeld + 1;
    return;
  }
  walk.held += 1;
  frame.loop.segments.push(segment);
}

/** The loop as an acknowledgement names it: the set itself has no loop. */
const named = (id: string): string => (id === 'ST' ? '' : id);

function segmentFault(
  { id, position }: { readonly id: string; readonly position: number },
  given: { code: string; loop: string; says: string; refuses?: boolean },
): Fault {
  const loop = named(given.loop);
  return {
    level: 'segment',
    code: given.code,
    segmentId: id,
    position,
    loop,
    sentence: `${id} ${loop === '' ? '' : `of loop ${loop} `}${given.says}.`,
    refuses: given.refuses ?? true,
  };
}
