import { loopsOf, segmentOf } from './loop.ts';
import type { Loop } from './loop.ts';
import { component, element } from './segment.ts';
import type { Segment } from './segment.ts';

/** What a TA1 says of an interchange we sent. */
export interface InterchangeAcknowledged {
  readonly controlNumber: string;
  readonly date: string;
  readonly time: string;
  readonly status: string;
  readonly code: string;
}

export const readTa1 = (segment: Segment): InterchangeAcknowledged => ({
  controlNumber: element(segment, 1),
  date: element(segment, 2),
  time: element(segment, 3),
  status: element(segment, 4),
  code: element(segment, 5),
});

/** An element a 999 finds fault with. */
export interface ElementError {
  readonly element: number;
  readonly component?: number;
  readonly repeat?: number;
  readonly number: string;
  readonly code: string;
}

export interface SegmentError {
  readonly segmentId: string;
  /** In the set; ST is 1. */
  readonly position: number;
  readonly loop: string;
  readonly code: string;
  readonly elements: readonly ElementError[];
}

/** What a 999 says of one set we sent. */
export interface SetAcknowledged {
  readonly set: string;
  readonly controlNumber: string;
  /** A accepted, E accepted with errors noted, R rejected; M, W and X are rejections too. */
  readonly status: string;
  readonly isAccepted: boolean;
  readonly codes: readonly string[];
  readonly errors: readonly SegmentError[];
}

/** What a 999 says of a functional group we sent. Sets it does not name follow the group. */
export interface GroupAcknowledged {
  readonly functionalGroup: string;
  readonly controlNumber: string;
  readonly version: string;
  readonly status: string;
  readonly included: number;
  readonly received: number;
  readonly accepted: number;
  readonly codes: readonly string[];
}

/** AK1 and AK9 of a 999, from what is left of the set at its end. */
export function readGroupAcknowledged(set: Loop): GroupAcknowledged | undefined {
  const head = segmentOf(set, 'AK1');
  const tail = segmentOf(set, 'AK9');
  if (!head || !tail) return undefined;
  const [included, received, accepted] = [2, 3, 4].map((n) => Number(element(tail, n)));
  return {
    functionalGroup: element(head, 1),
    controlNumber: element(head, 2),
    version: element(head, 3),
    status: element(tail, 1),
    included: included ?? 0,
    received: received ?? 0,
    accepted: accepted ?? 0,
    codes: tail.elements.slice(4, 9).filter((code) => code !== ''),
  };
}

/** One loop 2000 of a 999: the answer to a set. */
export function readSetAcknowledged(loop: Loop): SetAcknowledged | undefined {
  const head = segmentOf(loop, 'AK2');
  const tail = segmentOf(loop, 'IK5');
  if (!head || !tail) return undefined;
  const status = element(tail, 1);
  return {
    set: element(head, 1),
    controlNumber: element(head, 2),
    status,
    isAccepted: status === 'A' || status === 'E',
    codes: tail.elements.slice(1, 6).filter((code) => code !== ''),
    errors: loopsOf(loop, '2100').flatMap(readSegmentError),
  };
}

function readSegmentError(loop: Loop): readonly SegmentError[] {
  const error = segmentOf(loop, 'IK3');
  if (!error) return [];
  const elements = loopsOf(loop, '2110').flatMap((inner) => {
    const found = segmentOf(inner, 'IK4');
    return found ? [readElementError(found)] : [];
  });
  return [
    {
      segmentId: element(error, 1),
      position: Number(element(error, 2)),
      loop: element(error, 3),
      code: element(error, 4),
      elements,
    },
  ];
}

function readElementError(found: Segment): ElementError {
  const [n, part, repeat] = [1, 2, 3].map((m) => component(found, 1, m));
  return {
    element: Number(n),
    ...(part === undefined || part === '' ? {} : { component: Number(part) }),
    ...(repeat === undefined || repeat === '' ? {} : { repeat: Number(repeat) }),
    number: element(found, 2),
    code: element(found, 3),
  };
}
