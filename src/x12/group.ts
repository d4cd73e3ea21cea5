import { isCount } from './count.ts';
import type { Fault } from './fault.ts';
import { readsSet, readsVersion } from './guides.ts';
import type { GroupEnd, GroupStatus } from './part.ts';
import { element } from './segment.ts';
import type { Segment } from './segment.ts';

/** A functional group while it is being read. */
export interface OpenGroup {
  readonly header: Segment;
  readonly faults: Fault[];
  readonly setNumbers: Set<string>;
  received: number;
  accepted: number;
  /** Some accepted set had errors noted. */
  noted: boolean;
}

/** GS01 of each ST01 that is known. */
export const functionalGroups: Readonly<Record<string, string>> = {
  837: 'HC',
  835: 'HP',
  999: 'FA',
  997: 'FA',
  276: 'HR',
  277: 'HN',
  270: 'HS',
  271: 'HB',
  278: 'HI',
  275: 'PI',
  820: 'RA',
  834: 'BE',
};

/** True where a 999 can name the group: else the interchange is refused for its content. */
export const isNameable = (header: Segment): boolean =>
  /^[A-Z]{2}$/.test(element(header, 1)) &&
  /^\d{1,9}$/.test(element(header, 6)) &&
  /^[A-Z0-9]{1,12}$/.test(element(header, 8));

export function openGroup(header: Segment, isRepeated: boolean): OpenGroup {
  const faults: Fault[] = [];
  const known = Object.entries(functionalGroups).some(
    ([set, id]) => id === element(header, 1) && readsSet(set),
  );
  if (!known) faults.push(groupFault(header, '1', 'GS01 is no functional group that is read.'));
  else if (!readsVersion(element(header, 8)))
    faults.push({ ...groupFault(header, '2', 'GS08 is no version that is read.'), refuses: false });
  if (isRepeated)
    faults.push(groupFault(header, '19', 'The group control number came before in the interchange.'));
  return { header, faults, setNumbers: new Set(), received: 0, accepted: 0, noted: false };
}

export function closeGroup(group: OpenGroup, trailer: Segment | undefined): GroupEnd {
  const { header, received, accepted, faults } = group;
  if (!trailer) faults.push(groupFault(header, '3', 'The functional group ends without a GE.'));
  else {
    if (element(trailer, 2) !== element(header, 6))
      faults.push(groupFault(trailer, '4', 'GE02 is not the control number of the GS.'));
    if (!isCount(element(trailer, 1), received))
      faults.push(groupFault(trailer, '5', 'GE01 is not the number of transaction sets.'));
  }
  const told = trailer ? element(trailer, 1) : '';
  const included = /^\d{1,6}$/.test(told) ? Number(told) : received;
  return { kind: 'groupEnd', header, trailer, status: statusOf(group), faults, included, received, accepted };
}

function statusOf({ faults, received, accepted, noted }: OpenGroup): GroupStatus {
  if (faults.some(({ refuses }) => refuses)) return 'R';
  if (accepted < received) return accepted === 0 ? 'R' : 'P';
  return noted || faults.length > 0 ? 'E' : 'A';
}

const groupFault = ({ id, position }: Segment, code: string, sentence: string): Fault => ({
  level: 'group',
  code,
  segmentId: id,
  position,
  sentence,
  refuses: true,
});
