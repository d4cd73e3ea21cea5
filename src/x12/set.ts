import { isCount, statusOf } from './count.ts';
import type { Fault } from './fault.ts';
import type { Walk } from './frame.ts';
import type { OpenGroup } from './group.ts';
import type { Guide } from './guide.ts';
import { guideOf, readsSet } from './guides.ts';
import type { Loop } from './loop.ts';
import type { ReadOptions } from './part.ts';
import { element } from './segment.ts';
import type { Segment } from './segment.ts';
import { closeDownTo, startWalk, step } from './walk.ts';

/** A transaction set while it is being read. */
export interface OpenSet {
  readonly header: Segment | undefined;
  readonly guide: Guide | undefined;
  /** Absent where no guide reads the set: its segments are counted only. */
  readonly walk: Walk | undefined;
  /** Faults of the set itself; those of its segments are in the walk. */
  readonly faults: Fault[];
  /** Where it begins in the interchange; 0 before its first segment came. */
  position: number;
  segments: number;
}

/** Begins a set at its ST; without one where the segments of a set come after a damaged ST. */
export function openSet(header: Segment | undefined, group: OpenGroup, options: ReadOptions): OpenSet {
  const faults: Fault[] = [];
  const guide = header && guideOfSet(header, group.header, faults);
  const walk =
    guide &&
    startWalk(guide, {
      whole: options.whole,
      mostHeld: options.mostHeld,
      unit: ({ loop, above }) => {
        options.part({ kind: 'unit', guide, loop, above });
      },
    });
  const set: OpenSet = { header, guide, walk, faults, position: 0, segments: 0 };
  if (header) checkNumber(header, group, faults);
  else
    faults.push({
      level: 'set',
      code: '6',
      segmentId: 'ST',
      position: 0,
      sentence: 'The set has no ST that can be read.',
      refuses: true,
    });
  options.part({ kind: 'set', header, group: group.header, guide });
  if (header) addToSet(set, header);
  return set;
}

export function addToSet(set: OpenSet, segment: Segment): void {
  if (set.position === 0) set.position = segment.position;
  set.segments += 1;
  if (set.walk) step(set.walk, segment);
}

function guideOfSet(header: Segment, group: Segment, faults: Fault[]): Guide | undefined {
  const [id, convention, version] = [element(header, 1), element(header, 3), element(group, 8)];
  const guide = guideOf(id, convention) ?? guideOf(id, version);
  if (!guide) {
    if (!/^\d{3}$/.test(id)) faults.push(setFault(header, '6', 'ST01 is no transaction set identifier.'));
    else if (!readsSet(id)) faults.push(setFault(header, '1', 'This transaction set is not read.'));
    else faults.push(setFault(header, 'I6', 'The guide named by ST03 or GS08 is not read.'));
    return undefined;
  }
  if (element(group, 1) !== guide.functionalGroup)
    faults.push(setFault(header, '18', 'The set does not belong in a functional group of this GS01.'));
  return guide;
}

function checkNumber(header: Segment, group: OpenGroup, faults: Fault[]): void {
  const number = element(header, 2);
  if (!/^[A-Za-z0-9]{4,9}$/.test(number))
    faults.push(setFault(header, '7', 'ST02 is no control number of four to nine characters.'));
  if (group.setNumbers.has(number))
    faults.push(setFault(header, '23', 'The control number came before in the functional group.'));
  group.setNumbers.add(number);
}

/** Ends a set at its SE, or where another set or a trailer comes instead. */
export function closeSet(
  set: OpenSet,
  trailer: Segment | undefined,
  { group, options }: { readonly group: OpenGroup; readonly options: ReadOptions },
): void {
  const { header, guide, walk, faults } = set;
  if (trailer) {
    addToSet(set, trailer);
    if (header && element(trailer, 2) !== element(header, 2))
      faults.push(setFault(trailer, '3', 'SE02 is not the control number of the ST.'));
    if (!isCount(element(trailer, 1), set.segments))
      faults.push(setFault(trailer, '4', 'SE01 is not the number of segments.'));
  } else if (header) faults.push(setFault(header, '2', 'The set ends without an SE.'));
  if (walk) closeDownTo(walk, 1, trailer ?? lastOf(set));
  const found = [...faults, ...(walk?.faults ?? [])];
  const status = statusOf(found);
  group.received += 1;
  if (status !== 'R') group.accepted += 1;
  if (status === 'E') group.noted = true;
  options.part({
    kind: 'setEnd',
    header,
    trailer,
    group: group.header,
    guide,
    set: walk?.frames[0]?.loop ?? emptySet,
    segments: set.segments,
    position: set.position,
    status,
    faults: found,
    unlisted: walk?.unlisted ?? 0,
  });
}

const emptySet: Loop = { id: 'ST', segments: [], loops: [] };

const lastOf = (set: OpenSet): Segment => ({
  id: 'SE',
  elements: [],
  position: set.position + set.segments - 1,
  delimiters: set.header?.delimiters ?? { element: '', component: '', repetition: '', terminator: '' },
});

const setFault = ({ id, position }: Segment, code: string, sentence: string): Fault => ({
  level: 'set',
  code,
  segmentId: id,
  position,
  sentence,
  refuses: true,
});
