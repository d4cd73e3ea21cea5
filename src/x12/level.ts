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
  const parent = walk.frames.slice(0, -1).findLast((above) => walk.levels.has(above));
  walk.levels.set(frame, number);
  if (Number(number) !== due)
    walk.faults.push(levelFault(segment, frame, { at: 1, sentence: 'HL01 does not count up by one.' }));
  const parentNumber = parent ? walk.levels.get(parent) : '';
  if (element(segment, 2) !== parentNumber)
    walk.faults.push(
      levelFault(segment, frame, { at: 2, sentence: 'HL02 is not the number of the level it lies in.' }),
    );
}

const levelFault = (
  segment: Segment,
  frame: Frame,
  { at, sentence }: { readonly at: 1 | 2; readonly sentence: string },
): Fault => ({
  level: 'element',
  code: '7',
  segmentId: 'HL',
  position: segment.position,
  loop: frame.node.id,
  element: at,
  number: at === 1 ? '628' : '734',
  sentence,
  refuses: true,
});
