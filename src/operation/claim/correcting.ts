import type { Issue } from '../../outcome/issue.ts';
import type { WrittenClaim } from './draftClaims.ts';

/** Why a claim is corrected or taken back. */
export interface Correcting {
  readonly reason: string;
  readonly changeReason?: string | undefined; // D0 to D9, E0
}

/** What was drafted, and every decision on the way. */
export interface Corrected {
  readonly claim: WrittenClaim;
  readonly issues: readonly Issue[];
}
