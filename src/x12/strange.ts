import { openingOf } from './compile.ts';
import type { LoopNode } from './compile.ts';
import type { Fault } from './fault.ts';
import { isLoop } from './guide.ts';
import type { Guide, Use } from './guide.ts';
import type { Loop } from './loop.ts';
import type { Segment } from './segment.ts';

/** Segments that belong to the party named before them. */
const ofParty = new Set(['N2', 'N3', 'N4', 'PER', 'REF', 'PRV', 'DMG']);

const wellFormed = /^[A-Z][A-Z0-9]{1,2}$/;

/**
 * The fault of a segment the guide has no place for here. One that the guide does not know at all is
 * kept and reported; one that it knows elsewhere is unexpected.
 */
export function strange(segment: Segment, at: { readonly loop: string; readonly guide: Guide }): Fault {
  const isWellFormed = wellFormed.test(segment.id);
  const fault = {
    level: 'segment',
    segmentId: isWellFormed ? segment.id : segment.id.replace(/[^A-Z0-9]/g, '').slice(0, 3),
    position: segment.position,
    loop: at.loop,
  } as const;
  if (!isWellFormed)
    return { ...fault, code: '1', sentence: 'A segment has an id that no segment can have.', refuses: true };
  if (idsOf(at.guide).has(segment.id))
    return { ...fault, code: '2', sentence: `${segment.id} is not expected here.`, refuses: true };
  const sentence = `${segment.id} is no segment of this transaction set; it is kept.`;
  return { ...fault, code: '6', sentence, refuses: false };
}

const known = new WeakMap<Guide, ReadonlySet<string>>();

function idsOf(guide: Guide): ReadonlySet<string> {
  const ids = known.get(guide);
  if (ids) return ids;
  const made = new Set<string>();
  const visit = (uses: readonly Use[]): void => {
    for (const use of uses) {
      made.add(openingOf(use).id);
      if (isLoop(use)) visit(use.content);
    }
  };
  visit(guide.content);
  known.set(guide, made);
  return made;
}

/** A party or level that has no place opens a loop of its own, so that its address goes to nobody else. */
export const strangeNode = (segment: Segment): LoopNode | undefined =>
  segment.id === 'NM1' || segment.id === 'N1' || segment.id === 'HL'
    ? {
        id: '',
        members: [],
        bySegment: new Map(),
        noCounts: [],
        required: [],
        isUnit: false,
        holdsUnits: false,
      }
    : undefined;

/** True for a segment that goes with the strange party or level opened before it. */
export function follows(loop: Loop, segment: Segment): boolean {
  if (loop.segments[0]?.id === 'HL') return segment.id !== 'HL' && segment.id !== 'SE';
  return ofParty.has(segment.id);
}
