import type { Fault } from './fault.ts';
import { functionalGroups } from './group.ts';
import type { GroupJudged, InterchangeJudged, SetJudged } from './judgement.ts';
import { element, segment, usualDelimiters } from './segment.ts';
import type { Segment, Value } from './segment.ts';
import { stripped } from './write.ts';

/** The guide of the acknowledgements we write. */
export const acknowledgementVersion = '005010X231A1';

const safe = (text: string): string => stripped(text, usualDelimiters);

const codesOf = (faults: readonly Fault[], most: number): readonly string[] =>
  [...new Set(faults.map(({ code }) => code))].slice(0, most);

/** A TA1 for an interchange: its number, date and time, whether it is accepted, and the first reason why not. */
export function interchangeAcknowledgement({ header, status, faults }: InterchangeJudged): Segment {
  const reason = faults.find(({ refuses }) => refuses) ?? faults[0];
  const [date, time, number] = [9, 10, 13].map((n) => element(header, n).replace(/\D/g, ''));
  return segment('TA1', [
    (number ?? '').padStart(9, '0'),
    (date ?? '').padStart(6, '0'),
    (time ?? '').padStart(4, '0'),
    status,
    reason?.code ?? '000',
  ]);
}

/** True where a TA1 is due: it was asked for, or something is wrong with the envelope. */
export const isAcknowledgementDue = ({ header, faults }: InterchangeJudged): boolean =>
  element(header, 14) === '1' || faults.length > 0;

/** The segments of a 999 between ST and SE, for one functional group. */
export function groupAcknowledgement(group: GroupJudged): readonly Segment[] {
  const { header, status, faults, included, received, accepted } = group;
  const [id, number, version] = [1, 6, 8].map((n) => safe(element(header, n)));
  return [
    segment('AK1', [id ?? '', number ?? '', version ?? '']),
    ...group.sets.flatMap((set) => setAcknowledgement(set, id ?? '')),
    segment('AK9', [status, String(included), String(received), String(accepted), ...codesOf(faults, 5)]),
  ];
}

function setAcknowledgement(judged: SetJudged, functionalGroup: string): readonly Segment[] {
  const { set, controlNumber, convention, status, faults, position } = judged;
  const named = /^[A-Z0-9]{3}$/.test(set) ? set : setOf(functionalGroup);
  const inSegments = faults.filter(({ level }) => level === 'segment' || level === 'element');
  const ofSet = codesOf(
    faults.filter(({ level }) => level === 'set'),
    5,
  );
  const codes = inSegments.length > 0 ? [...ofSet.slice(0, 4), '5'] : ofSet;
  return [
    segment('AK2', [named, safe(controlNumber).padStart(4, '0').slice(0, 9), safe(convention).slice(0, 35)]),
    ...bySegment(inSegments).flatMap((found) => errorsOf(found, position)),
    segment('IK5', [status, ...codes]),
  ];
}

const setOf = (functionalGroup: string): string =>
  Object.entries(functionalGroups).find(([, id]) => id === functionalGroup)?.[0] ?? '000';

/** Faults of one segment together, by position: those of its elements after one another. */
function bySegment(faults: readonly Fault[]): readonly (readonly Fault[])[] {
  const found = new Map<string, Fault[]>();
  for (const fault of faults) {
    const { level, position, segmentId, loop = '', code } = fault;
    const key = [position, segmentId, loop, level === 'element' ? '' : code].join('|');
    const together = found.get(key);
    if (together) together.push(fault);
    else found.set(key, [fault]);
  }
  return [...found.values()].sort((a, b) => (a[0]?.position ?? 0) - (b[0]?.position ?? 0));
}

const mostElements = 99;

/** IK3 with the segment's position in its set (ST is 1), and an IK4 for each fault of an element. */
function errorsOf(faults: readonly Fault[], start: number): readonly Segment[] {
  const [first] = faults;
  if (!first) return [];
  const { segmentId, position, loop = '', level, code } = first;
  const at = String(Math.max(1, position - start + 1));
  const id = /^[A-Z0-9]{2,3}$/.test(segmentId) ? segmentId : 'ZZZ';
  const error = segment('IK3', [id, at, safe(loop).slice(0, 6), level === 'element' ? '8' : code]);
  const elements = faults.filter((fault) => fault.level === 'element').slice(0, mostElements);
  return [error, ...elements.map(elementError)];
}

function elementError({ element: n = 0, component, repeat, number = '', code }: Fault): Segment {
  const place: Value = [String(n), component?.toString() ?? '', repeat?.toString() ?? ''];
  return segment('IK4', [place, number.replace(/\D/g, ''), code]);
}
