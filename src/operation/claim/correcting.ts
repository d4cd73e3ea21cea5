import type { Claim } from '@medplum/fhirtypes';
import type { ClaimForm } from '../../billing/claim/claimLine.ts';
import { codeOf } from '../../datatypes/coding.ts';
import type { Issue } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
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

/** The form of a claim: its Claim.type. */
export function formOf({ type }: Claim): ClaimForm {
  const code = codeOf(type, system.claimType);
  return code === 'institutional' || code === 'oral' || code === 'pharmacy' ? code : 'professional';
}
