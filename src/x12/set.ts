import { checkSegment } from './checkSegment.ts';
import { isCount, statusOf } from './count.ts';
import type { Fault } from './fault.ts';
import type { Walk } from './frame.ts';
import type { OpenGroup } from './group.ts';
import { isLoop } from './guide.ts';
import type { Guide } from './guide.ts';
import { guidesOf, readsSet } from './guides.ts';
import type { ReadOptions } from './part.ts';
import { element } from './segment.ts';
import type { Segment } from './segment.ts';
import { closeDownTo, startWalk, step } from './walk.ts';

/** A transaction set while it is being read. */
export interface OpenSet {
  readonly header: Segment | undefined;
  readonly group: OpenGroup;
  readonly options: ReadOptions;
  readonly offset: number;
  /** Faults of the set itself; those of its segments are in the walk. */
  readonly faults: Fault[];
  /** The guides it may be of; which one is told by the segment after ST. */
  readonly guides: readonly Guide[];
  guide: Guide | undefined;
  /** Absent where no guide reads the set: its segments are counted, and kept where it is read whole. */
  walk: Walk | undefined;
  readonly unread: Segment[];
  isBegun: boolean;
  /** Where it begins in the interchange; 0 before its first segment came. */
  position: number;
  segments: number;
}

/** Begins a set at its ST; without one where the segments of a set come after a damaged ST. */
export function openSet(
  { header, offset }: { readonly header: Segment | undefined; readonly offset: number },
  group: OpenGroup,
  options: ReadOptions,
): OpenSet {
  const faults: Fault[] = [];
  const guides = header ? guidesOfSet(header, group.header, faults) : [];
  const set: OpenSet = {
    ...{ header, group, options, faults, guides, offset },
    guide: undefined,
    walk: undefined,
    unread: [],
    isBegun: false,
    position: 0,
    segments: 0,
  };
  if (header) {
    checkNumber(header, group, faults);
    if (guides.length < 2) begin(set, undefined);
    addToSet(set, header);
    return set;
  }
  faults.push({
    level: 'set',
    code: '6',
    segmentId: 'ST',
    position: 0,
    sentence: 'The set has no ST that can be read.',
    refuses: true,
  });
  begin(set, undefined);
  return set;
}

/** Chooses the guide, by the segment after ST where there are several, and hands on the start of the set. */
function begin(set: OpenSet, second: Segment | undefined): void {
  const { header, group, options, guides } = set;
  set.isBegun = true;
  const guide = second ? fittest(guides, second) : guides[0];
  set.guide = guide;
  options.part({ kind: 'set', header, group: group.header, guide, offset: set.offset });
  if (!guide) return;
  set.walk = startWalk(guide, {
    whole: options.whole,
    mostHeld: options.mostHeld,
    unit: ({ loop, above }) => {
      options.part({ kind: 'unit', guide, loop, above });
    },
  });
}

/** The guide whose use of this segment finds the least fault with it. */
function fittest(guides: readonly Guide[], second: Segment): Guide | undefined {
  const fits = guides.map((guide) => {
    const use = guide.content.find((one) => !isLoop(one) && one.id === second.id);
    const faults: Fault[] = [];
    if (use && !isLoop(use)) checkSegment(second, use, { loop: '', faults });
    return { guide, unfit: use ? faults.length : Infinity };
  });
  return fits.sort((a, b) => a.unfit - b.unfit)[0]?.guide;
}

export function addToSet(set: OpenSet, segment: Segment): void {
  if (set.position === 0) set.position = segment.position;
  set.segments += 1;
  if (!set.isBegun && set.segments > 1) {
    begin(set, segment);
    if (set.walk && set.header) step(set.walk, set.header);
  }
  const { walk, unread, options } = set;
  if (walk) step(walk, segment);
  else if (set.isBegun && options.whole && unread.length < options.mostHeld) unread.push(segment);
}

function guidesOfSet(header: Segment, group: Segment, faults: Fault[]): readonly Guide[] {
  const [id, convention, version] = [element(header, 1), element(header, 3), element(group, 8)];
  const byConvention = guidesOf(id, convention);
  const guides = byConvention.length > 0 ? byConvention : guidesOf(id, version);
  const [guide] = guides;
  if (!guide) {
    if (!/^\d{3}$/.test(id)) faults.push(setFault(header, '6', 'ST01 is no transaction set identifier.'));
    else if (!readsSet(id)) faults.push(setFault(header, '1', 'This transaction set is not read.'));
    else faults.push(setFault(header, 'I6', 'The guide named by ST03 or GS08 is not read.'));
  } else if (element(group, 1) !== guide.functionalGroup)
    faults.push(setFault(header, '18', 'The set does not belong in a functional group of this GS01.'));
  if (guide && convention !== '' && byConvention.length === 0)
    faults.push(setFault(header, '19', 'ST03 names a guide that is not read; the set was read by GS08.'));
  else if (guide && convention !== '' && convention !== version)
    faults.push({
      ...setFault(header, '19', 'ST03 is not GS08; the set was read by ST03.'),
      refuses: false, // the set says itself what it is
    });
  return guides;
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
export function closeSet(set: OpenSet, trailer: Segment | undefined): void {
  const { header, group, options, faults } = set;
  if (trailer) {
    addToSet(set, trailer);
    if (header && element(trailer, 2) !== element(header, 2))
      faults.push(setFault(trailer, '3', 'SE02 is not the control number of the ST.'));
    if (!isCount(element(trailer, 1), set.segments))
      faults.push(setFault(trailer, '4', 'SE01 is not the number of segments.'));
  } else if (header) faults.push(setFault(header, '2', 'The set ends without an SE.'));
  if (!set.isBegun) begin(set, undefined);
  const { guide, walk } = set;
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
    bare: walk?.bare ?? [],
    set: walk?.frames[0]?.loop ?? { id: 'ST', segments: set.unread, loops: [] },
    segments: set.segments,
    position: set.position,
    status,
    faults: found,
    unlisted: walk?.unlisted ?? 0,
  });
}

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
