import type { Issue } from '../../outcome/issue.ts';
import type { Guide } from '../../x12/guide.ts';
import type { SetEnd, Unit } from '../../x12/part.ts';
import type { Segment } from '../../x12/segment.ts';
import type { OperationContext } from '../operation.ts';

/** A transaction set that was received, kept and accepted, for the handler of its kind. */
export interface ReceivedSet {
  /** The interchange as it was received: 'Binary/1'. */
  readonly interchange: string;
  /** SHA-256 of its bytes, hexadecimal. */
  readonly sha256: string;
  readonly isa: Segment;
  readonly gs: Segment;
  readonly st: Segment;
  readonly guide: Guide;
  /** Where ST stands in the interchange; a unit's segments count on from there. */
  readonly position: number;
  /** The same whenever this very set of this very file is handed on, and of no other set. */
  readonly key: string;
  /** The trading partner it was fetched from: Endpoint/1. Absent where somebody handed it in. */
  readonly endpoint?: string;
  /** Reads the set from the kept bytes, unit by unit and then its end. May be called again: it begins anew. */
  parts(): AsyncIterable<Unit | SetEnd>;
}

/** What became of a set. */
export interface Handled {
  /** What was made and the caller is told of: 'PaymentReconciliation/1'. */
  readonly made: readonly string[];
  readonly issues?: readonly Issue[];
}

/**
 * Takes up a set in transactions of its own, as the server. It may be called again for the same set after a crash:
 * what it did under the set's key is not done twice. What it throws is tried again later.
 */
export type SetHandler = (context: OperationContext, set: ReceivedSet) => Promise<Handled>;

/**
 * The transactions that are told apart when they come in. 277CA is 005010X214, 277 the answer to a 276, 277RFAI a request
 * for additional information (X213).
 */
export type Transaction =
  '270' | '271' | '275' | '276' | '277' | '277CA' | '277RFAI' | '278' | '820' | '835' | '837' | '997' | '999';
