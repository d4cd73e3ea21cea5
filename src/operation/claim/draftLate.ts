import type { Claim } from '@medplum/fhirtypes';
import type { ClaimForm } from '../../billing/claim/claimLine.ts';
import { isLate, latePart, partOf } from '../../billing/claim/claimPlace.ts';
import { lateClaim } from '../../billing/claim/correction.ts';
import { stands } from '../../billing/claim/stands.ts';
import { changed } from '../../datatypes/json.ts';
import { find } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, decided, type Issue } from '../../outcome/issue.ts';
import { isVoidClaim } from '../../terminology/claimFrequency.ts';
import type { Call } from '../operation.ts';
import type { CapturedVisit } from '../charge/captureCharges.ts';
import { claimKey } from '../uniqueKey.ts';
import { chargesOfClaim } from './correctedCharges.ts';
import { createClaim, type DraftedClaims, type WrittenClaim } from './draftClaims.ts';
import { planClaims } from './planClaims.ts';

/**
 * Drafts claims of charges that came after the claims of their visit had been sent, and of them alone. The biller chooses
 * between this and a replacement of the claim ($correct). A repeat finds the drafts that there are.
 */
export async function draftLate(call: Call, visit: CapturedVisit, asked?: ClaimForm): Promise<DraftedClaims> {
  const encounter = `Encounter/${visit.chart.encounter.id}`;
  const all = (await find<Claim>(call.tx, 'Claim', { encounter })).flatMap((c): WrittenClaim[] =>
    stands(c) && c.id !== undefined && !isVoidClaim(c) ? [changed(c, { id: c.id })] : [],
  );
  if (!all.some((c) => c.status === 'active')) {
    const text = 'no claim of this visit was sent: $generate-claim without lateCharges bills all of it';
    throw unprocessable([businessFault('nothing-sent', 'Claim.status', text)]);
  }
  const claimed = new Set(all.flatMap(chargesOfClaim));
  const late = visit.charges.filter(
    ({ charge }) => charge.status === 'billable' && !claimed.has(`ChargeItem/${charge.id}`),
  );
  const drafts = all.filter((c) => isLate(c) && c.status === 'draft');
  if (late.length === 0) {
    const text = drafts.length > 0 ? 'the late charges are drafted already' : 'no charge came late';
    return { claims: drafts, issues: [decided('already-there', 'Claim', text)] };
  }
  const plan = await planClaims(call, { ...visit, charges: late }, asked);
  if (plan.faults.length > 0) throw unprocessable(plan.faults);
  const issues: Issue[] = [...plan.issues];
  const claims: WrittenClaim[] = [...drafts];
  for (const { key, claim } of plan.parts) {
    const which = 1 + [...all, ...claims].filter((c) => isLate(c) && partOf(c).startsWith(`${key} `)).length;
    const part = latePart(key, which);
    const draft = changed(lateClaim(claim, part), { created: call.on });
    const made = await createClaim(call, draft, claimKey(encounter, 1, part));
    issues.push(decided('created', 'Claim', `Claim/${made.id} bills what came late`));
    claims.push(made);
  }
  return { claims, issues };
}
