import type { Fault } from './fault.ts';
import type { GroupEnd, GroupStatus, InterchangeEnd, Part, SetEnd, SetStatus } from './part.ts';
import type { Segment } from './segment.ts';

/** What reading found of a set, as an acknowledgement tells it. */
export interface SetJudged {
  readonly set: string;
  readonly controlNumber: string;
  readonly convention: string;
  readonly position: number;
  readonly segments: number;
  readonly status: SetStatus;
  readonly faults: readonly Fault[];
}

export interface GroupJudged {
  readonly header: Segment;
  readonly status: GroupStatus;
  readonly faults: readonly Fault[];
  readonly included: number;
  readonly received: number;
  readonly accepted: number;
  /** Every rejected set and every set with errors noted; accepted ones up to a limit. */
  readonly sets: readonly SetJudged[];
}

export interface InterchangeJudged {
  readonly header: Segment;
  readonly status: SetStatus;
  readonly faults: readonly Fault[];
  readonly segments: number;
  readonly groups: readonly GroupJudged[];
}

export interface FileJudged {
  readonly interchanges: readonly InterchangeJudged[];
  readonly stray: readonly Fault[];
}

/** How much of a file is remembered, so that memory stays bounded. */
const mostSets = 20_000;
const mostFaultsOfSet = 200;
const mostFaultsOfFile = 50_000;

export interface Judging {
  take(part: Part): void;
  readonly file: FileJudged;
}

/** Gathers, from the parts as they are read, what the acknowledgements of a file say. */
export function judging(): Judging {
  const interchanges: InterchangeJudged[] = [];
  const stray: Fault[] = [];
  let groups: GroupJudged[] = [];
  let sets: SetJudged[] = [];
  let kept = { sets: 0, faults: 0 };
  const takeSet = (end: SetEnd): void => {
    const room = Math.min(mostFaultsOfSet, mostFaultsOfFile - kept.faults);
    if (kept.sets >= mostSets && end.status === 'A') return;
    const faults = end.faults.slice(0, Math.max(1, room));
    kept = { sets: kept.sets + 1, faults: kept.faults + faults.length };
    sets.push(judgedSet(end, faults));
  };
  const takeGroup = ({ header, status, faults, included, received, accepted }: GroupEnd): void => {
    groups.push({ header, status, faults, included, received, accepted, sets });
    sets = [];
  };
  const takeInterchange = ({ header, status, faults, segments }: InterchangeEnd): void => {
    interchanges.push({ header, status, faults, segments, groups });
    groups = [];
  };
  return {
    file: { interchanges, stray },
    take: (part) => {
      if (part.kind === 'setEnd') takeSet(part);
      else if (part.kind === 'groupEnd') takeGroup(part);
      else if (part.kind === 'interchangeEnd') takeInterchange(part);
      else if (part.kind === 'stray') stray.push(part.fault);
    },
  };
}

function judgedSet(end: SetEnd, faults: readonly Fault[]): SetJudged {
  const { header, trailer, guide, status, position, segments } = end;
  const [set = '', number = '', convention = ''] = header?.elements ?? [];
  return {
    set: set === '' ? (guide?.set ?? '') : set,
    controlNumber: header ? number : (trailer?.elements[1] ?? ''),
    convention,
    position,
    segments,
    status,
    faults,
  };
}
