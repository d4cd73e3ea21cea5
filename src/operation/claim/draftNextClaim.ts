import type { ClaimResponse, Coverage } from '@medplum/fhirtypes';
import { nextPayerClaim, nextSequence } from '../../billing/claim/nextPayer.ts';
import { adjudicated } from '../../datatypes/adjudication.ts';
import { contains } from '../../datatypes/date.ts';
import { resolve } from '../../interaction/repository.ts';
import type { Call } from '../operation.ts';
import { claimKey, holderOf } from '../uniqueKey.ts';
import { withEdits } from './claimEdits.ts';
import { restrictedOf } from './restricted.ts';
import { createClaim, partOf, type WrittenClaim } from './draftClaims.ts';

/**
 * The draft for the payer after the one that answered, in the same transaction: when the answer left a share of the
 * patient and a further Coverage of the claim is active on the date. Undefined when nobody follows.
 */
export async function draftNextClaim(
  call: Call,
  claim: WrittenClaim,
  response: ClaimResponse & { id: string },
): Promise<WrittenClaim | undefined> {
  const { tx, on } = call;
  const sequence = nextSequence(claim);
  const encounter = claim.item?.[0]?.encounter?.[0]?.reference ?? `Claim/${claim.id}`;
  if (sequence === undefined || !leavesPatientShare(response)) return undefined;
  if ((await restrictedOf(call, claim)).size > 0) return undefined; // the patient has asked that no payer be told
  const key = claimKey(encounter, sequence, partOf(claim));
  const known = await holderOf(tx, key);
  if (known) return known;
  const reference = claim.insurance.find((i) => i.sequence === sequence)?.coverage;
  const coverage = await resolve<Coverage>(tx, 'Coverage', reference);
  const day = (claim.billablePeriod?.start ?? on).slice(0, 10);
  if (coverage?.status !== 'active' || !contains(coverage.period, day)) return undefined;
  const next = nextPayerClaim({ claim, response, coverage, created: response.created });
  const of = { encounter, order: sequence, part: partOf(claim) };
  return createClaim(call, (await withEdits(tx, next, { of, charges: [] })).claim, key);
}

/** True when the payer left something in group PR, which a further payer may take. */
const leavesPatientShare = (response: ClaimResponse): boolean =>
  adjudicated(response).some((line) => line.adjustments.some((a) => a.group === 'PR' && a.amount > 0));
