import type { Fault } from './fault.ts';
import type { Guide } from './guide.ts';
import type { Loop, Placed } from './loop.ts';
import type { Segment } from './segment.ts';

/** A accepted, E accepted with errors noted, R rejected. */
export type SetStatus = 'A' | 'E' | 'R';

/** As a set, and P: some of its sets are accepted. */
export type GroupStatus = SetStatus | 'P';

export interface InterchangeStart {
  readonly kind: 'interchange';
  readonly header: Segment;
}

/** A TA1 that came in the interchange. */
export interface Acknowledgement {
  readonly kind: 'acknowledgement';
  readonly segment: Segment;
}

export interface GroupStart {
  readonly kind: 'group';
  readonly header: Segment;
}

export interface SetStart {
  readonly kind: 'set';
  /** The ST; absent where the set began without one. */
  readonly header: Segment | undefined;
  readonly group: Segment;
  /** Absent where no guide reads the set. */
  readonly guide: Guide | undefined;
  /** At which byte of the file its ST begins. */
  readonly offset: number;
}

/** The smallest loop worth handing on. */
export interface Unit extends Placed {
  readonly kind: 'unit';
  readonly guide: Guide;
}

export interface SetEnd {
  readonly kind: 'setEnd';
  readonly header: Segment | undefined;
  readonly trailer: Segment | undefined;
  readonly group: Segment;
  readonly guide: Guide | undefined;
  /** What is left of the set without its units; the whole set where the guide has none. */
  readonly set: Loop;
  /** Levels in which no unit came: a 277 says of a whole set or provider what it says of no patient. */
  readonly bare: readonly Placed[];
  /** Segments of the set, ST and SE included. */
  readonly segments: number;
  /** Where the set begins in its interchange: a 999 counts from there. */
  readonly position: number;
  readonly status: SetStatus;
  readonly faults: readonly Fault[];
  /** Faults that were counted and not listed, where a set has too many. */
  readonly unlisted: number;
}

export interface GroupEnd {
  readonly kind: 'groupEnd';
  readonly header: Segment;
  readonly trailer: Segment | undefined;
  readonly status: GroupStatus;
  readonly faults: readonly Fault[];
  /** GE01 as told, sets received, sets accepted: AK902 to AK904. */
  readonly included: number;
  readonly received: number;
  readonly accepted: number;
}

export interface InterchangeEnd {
  readonly kind: 'interchangeEnd';
  readonly header: Segment;
  readonly trailer: Segment | undefined;
  readonly status: SetStatus;
  readonly faults: readonly Fault[];
  readonly segments: number;
}

/** Something outside every interchange. */
export interface Stray {
  readonly kind: 'stray';
  readonly fault: Fault;
}

/** What reading hands on, in the order of the file. */
export type Part =
  | InterchangeStart
  | Acknowledgement
  | GroupStart
  | SetStart
  | Unit
  | SetEnd
  | GroupEnd
  | InterchangeEnd
  | Stray;

/** How reading goes. */
export interface ReadOptions {
  /** Hands on each set whole at its end, not in units. */
  readonly whole: boolean;
  /** Segments of one set held in memory at a time; a set that needs more is refused. */
  readonly mostHeld: number;
  /** Called with each part, in order. */
  readonly part: (part: Part) => void;
}
