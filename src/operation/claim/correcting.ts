import type { Claim } from '@medplum/fhirtypes';
import type { ClaimForm, VisitForm } from '../../billing/claim/claimLine.ts';
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

/**
 * The form in which a visit is planned again, as its claims are there: that of the visit. Oral and pharmacy claims have
 * their own beside it, and say nothing of it.
 */
export const visitFormOf = (claims: readonly Claim[]): VisitForm | undefined =>
  claims.map(formOf).find((form) => form === 'institutional' || form === 'professional');

/** The form of a claim: its Claim.type. */
export function formOf({ type }: Claim): ClaimForm {
  const code = codeOf(type, system.claimType);
  return code === 'institutional' || code === 'oral' || code === 'pharmacy' ? code : 'professional';
}
