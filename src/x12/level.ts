import type { Fault } from './fault.ts';
import type { Frame, Walk } from './frame.ts';
import { element } from './segment.ts';
import type { Segment } from './segment.ts';

/**
 * Hierarchical levels: HL01 counts up by one through the set, HL02 names the level it lies in. A level
 * under the wrong parent would give a claim to another subscriber.
 */
export function checkLevel(walk: Walk, frame: Frame, segment: Segment): void {
  const number = element(segment, 1);
  const due = walk.lastLevel + 1;
  walk.lastLevel = /^\d{1,12}$/.test(number) ? Number(number) : due;
  const above = walk.frames.slice(0, -1).findLast((frame) => walk.levels.has(frame));
  const parent = above && walk.levels.get(above);
  if (parent) parent.hasChild = true;
  walk.levels.set(frame, { segment, number, hasChild: false });
  if (Number(number) !== due)
    walk.faults.push(levelFault(segment, frame, { at: 1, sentence: 'HL01 does not count up by one.' }));
  if (element(segment, 2) !== (parent?.number ?? ''))
    walk.faults.push(
      levelFault(segment, frame, { at: 2, sentence: 'HL02 is not the number of the level it lies in.' }),
    );
}

/**
 * Ends a level: HL04 says whether others lie in it. Senders count on nobody reading it, and nothing is put elsewhere by
 * it: it is reported and refuses nothing.
 */
export function closeLevel(walk: Walk, frame: Frame): void {
  const level = walk.levels.get(frame);
  if (!level) return;
  walk.levels.delete(frame);
  const told = element(level.segment, 4);
  const known = frame.node.members[0]?.opening.elements[3]?.codes ?? ['0', '1'];
  if (told === (level.hasChild ? '1' : '0') || !known.includes(told)) return; // any other is a fault already
  const sentence = level.hasChild
    ? 'HL04 says that no level lies in this one, and one does.'
    : 'HL04 says that a level lies in this one, and none does.';
  walk.faults.push({ ...levelFault(level.segment, frame, { at: 4, sentence }), refuses: false });
}

/** The lines of a claim are numbered from 1 (LX01 of loop 2400); a number out of turn is reported. */
export function checkLineNumber(walk: Walk, frame: Frame, { segment, count }: Counted): void {
  if (walk.guide.set !== '837' || segment.id !== 'LX' || Number(element(segment, 1)) === count) return;
  walk.faults.push({
    ...{ level: 'element', code: '7', segmentId: 'LX', position: segment.position, loop: frame.node.id },
    ...{ element: 1, number: '554', sentence: 'LX01 does not number the lines from 1 up.', refuses: false },
  });
}

interface Counted {
  readonly segment: Segment;
  readonly count: number; // of the loops of its kind in the claim
}

const numbers = { 1: '628', 2: '734', 4: '736' } as const;

const levelFault = (
  segment: Segment,
  frame: Frame,
  { at, sentence }: { readonly at: keyof typeof numbers; readonly sentence: string },
): Fault => ({
  level: 'element',
  code: '7',
  segmentId: 'HL',
  position: segment.position,
  loop: frame.node.id,
  element: at,
  number: numbers[at],
  sentence,
  refuses: true,
});
