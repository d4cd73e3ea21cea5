/**
 * The shape of an implementation guide as data. One file per guide lies in guide/<id>.json and drives
 * reading, writing and the outline. Names are the guide's own.
 */

/** R required, S situational, N not used in this guide. */
export type Usage = 'R' | 'S' | 'N';

/** Data types of X12: text, code, date, time, whole number, implied decimals, decimal, binary. */
export type ElementType = 'AN' | 'ID' | 'DT' | 'TM' | 'N0' | 'N2' | 'R' | 'B';

export interface ElementUse {
  readonly name: string;
  readonly usage: Usage;
  /** The data element reference number, as IK402 gives it back: '98'. A composite has its C number: 'C003'. */
  readonly number?: string;
  readonly type?: ElementType;
  readonly min?: number;
  readonly max?: number;
  /** The values this guide allows here; absent where an outside code list or free text applies. */
  readonly codes?: readonly string[];
  /** The parts of a composite, in their order. A composite has no type of its own. */
  readonly components?: readonly ElementUse[];
  /** How often the element may repeat; 1 where absent, null without limit. */
  readonly repeat?: number | null;
  /** True where the sources of the table disagree: a fault here is reported and never refuses. */
  readonly unsure?: true;
}

export interface SegmentUse {
  readonly id: string;
  readonly name: string;
  /** Uses with the same position in one loop may come in any order among each other. */
  readonly position: number;
  readonly usage: Usage;
  /** How often this use may come in its loop; null without limit. */
  readonly repeat: number | null;
  /** Element 01 is elements[0]. */
  readonly elements: readonly ElementUse[];
  /** Relational conditions of the segment: 'P0304', 'R0204', 'E0607', 'C0504', 'L070809'. */
  readonly syntax?: readonly string[];
  readonly unsure?: true;
}

/** A loop begins with its first segment; that segment's codes (NM101, HL03, REF01 …) tell it from its neighbours. */
export interface LoopUse {
  readonly id: string;
  readonly name: string;
  readonly position: number;
  readonly usage: Usage;
  readonly repeat: number | null;
  /** Its first member is the segment that opens the loop. HL loops lie inside their parent HL loop. */
  readonly content: readonly Use[];
  readonly unsure?: true;
}

export type Use = LoopUse | SegmentUse;

export interface Guide {
  /** '005010X222A1': the file is guide/005010X222A1.json. */
  readonly id: string;
  readonly name: string;
  /** ST01 and GS01 that belong to it. */
  readonly set: string;
  readonly functionalGroup: string;
  /** All values of GS08 or ST03 read by this guide; the first is the one written. */
  readonly versions: readonly string[];
  /** Loops handed on one by one while reading ('2300'); empty where a set is handed on whole. */
  readonly units: readonly string[];
  /** Guides that are read for old partners only and never written. */
  readonly readOnly?: true;
  /** What the table was made from. */
  readonly source: string;
  /** From ST to SE. Header, detail and summary are not loops of their own. */
  readonly content: readonly Use[];
}

export const isLoop = (use: Use): use is LoopUse => 'content' in use;
