/** Where in the envelope a fault lies: it decides which acknowledgement names it. */
export type FaultLevel = 'interchange' | 'group' | 'set' | 'segment' | 'element';

/** Something wrong in what was read, with the code the acknowledgement gives back. It holds no data value. */
export interface Fault {
  readonly level: FaultLevel;
  /** TA105 of an interchange, AK905 of a group, IK502 of a set, IK304 of a segment, IK403 of an element. */
  readonly code: string;
  readonly segmentId: string;
  /** The segment's place in its interchange; ISA is 1. For a missing segment: where it was missed. */
  readonly position: number;
  readonly loop?: string;
  readonly element?: number;
  readonly component?: number;
  readonly repeat?: number;
  /** The data element reference number, IK402. */
  readonly number?: string;
  readonly sentence: string;
  /** False where it is reported only: what it stands in is accepted all the same. */
  readonly refuses: boolean;
}

/** A fault of the interchange, with its TA105 code. */
export const interchangeFault = (
  code: string,
  sentence: string,
  at: { readonly segmentId?: string; readonly position?: number; readonly refuses?: boolean } = {},
): Fault => ({
  level: 'interchange',
  code,
  segmentId: at.segmentId ?? 'ISA',
  position: at.position ?? 1,
  sentence,
  refuses: at.refuses ?? true,
});
