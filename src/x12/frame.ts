import type { LoopNode } from './compile.ts';
import type { Fault } from './fault.ts';
import type { Guide } from './guide.ts';
import type { Loop, Placed } from './loop.ts';
import type { Segment } from './segment.ts';

/** A loop while it is being read. */
export interface OpenLoop extends Loop {
  readonly segments: Segment[];
  readonly loops: Loop[];
}

/** A loop of the way from the set down to where the walk stands. */
export interface Frame {
  readonly node: LoopNode;
  readonly loop: OpenLoop;
  /** How often each member came. */
  readonly counts: number[];
  /** The position reached; what lies before it has passed. */
  position: number;
  /** How many of the required members were looked for. */
  checked: number;
  /** It opened a loop the guide does not know here: what goes with it is kept in it. */
  readonly isStrange: boolean;
  /** A unit came in it, or a level below it ended without one. */
  hasUnit: boolean;
}

/** An HL loop that is open. */
export interface Level {
  readonly segment: Segment;
  readonly number: string; // HL01
  hasChild: boolean;
}

export interface Walk {
  readonly guide: Guide;
  readonly frames: Frame[];
  readonly faults: Fault[];
  /** Faults left out because there are too many to list. */
  unlisted: number;
  /** Segments held in memory now, and whether the set grew over what may be held. */
  held: number;
  readonly mostHeld: number;
  readonly unit: (found: Placed) => void;
  /** Levels that could hold units and ended without one. */
  readonly bare: Placed[];
  /** HL01 of the last HL, and the HL loops that are open. */
  lastLevel: number;
  readonly levels: Map<Frame, Level>;
}
