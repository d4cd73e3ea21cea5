import type { Decision } from '../billing/adjudication/benefit.ts';

/** A decision, on a line or (without sequence) on the claim as a whole. */
export interface Decided extends Decision {
  readonly sequence?: number;
  readonly isOutside?: boolean; // of the network
}
