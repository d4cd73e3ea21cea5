import type { Claim, ClaimResponse, Coverage } from '@medplum/fhirtypes';
import { keepCorrection } from '../../billing/claim/correction.ts';
import { nextPayerClaim } from '../../billing/claim/nextPayer.ts';
import { changed } from '../../datatypes/json.ts';
import { withoutVersions } from '../../datatypes/sentVersion.ts';
import { resolve, updateResource } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, decided } from '../../outcome/issue.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../operation.ts';
import { standingAnswer } from '../submission/answers.ts';
import { correctionKey, holderOf } from '../uniqueKey.ts';
import type { Corrected } from './correcting.ts';
import type { WrittenClaim } from './draftClaims.ts';

/**
 * The replacement of a claim to a further payer: where the payer before has taken back the answer that it stands on, it
 * says what that payer decided since, with the lines of the claim that it decided on; else what was sent.
 */
export async function followPrior(call: Call, draft: WrittenClaim): Promise<Corrected> {
  const { context, tx } = call;
  const before = draft.insurance.findLast((i) => i.claimResponse && !i.focal)?.claimResponse;
  const answer = await resolve<ClaimResponse>(tx, 'ClaimResponse', before);
  if (answer?.status !== 'cancelled') {
    const text = 'it says what was sent: no chart gives it, $edit it or change it as a draft';
    return { claim: draft, issues: [decided('content-as-sent', 'Claim', text)] };
  }
  const prior = await inPlaceOf(tx, answer.request?.reference);
  const response = prior && (await standingAnswer(tx, `Claim/${prior.id}`));
  const coverage = await resolve<Coverage>(tx, 'Coverage', draft.insurance.find((i) => i.focal)?.coverage);
  if (!prior || response?.outcome !== 'complete' || !coverage) {
    const text = 'the payer before took its answer back and has not decided anew: wait for its correction';
    throw unprocessable([businessFault('prior-answer-reversed', 'Claim.insurance', text)]);
  }
  const next = nextPayerClaim({ claim: withoutVersions(prior), response, coverage, created: call.on });
  const { id, identifier = [], related = [] } = draft;
  const now = changed(keepCorrection(next, draft), { id, identifier, related });
  const claim = await updateResource<Claim>(context, tx, now);
  const text = 'it says what the payer before has decided since';
  return {
    claim: changed(claim, { id }),
    issues: [decided('follows-prior-answer', 'Claim.insurance', text)],
  };
}

/** The claim that stands in the place of another one: its last correction that was sent. */
async function inPlaceOf(reader: Reader, reference: string | undefined): Promise<WrittenClaim | undefined> {
  if (reference === undefined) return undefined;
  const successor = await holderOf(reader, correctionKey(reference));
  if (successor?.status === 'active') return (await inPlaceOf(reader, `Claim/${successor.id}`)) ?? successor;
  const claim = await resolve<Claim>(reader, 'Claim', { reference });
  return claim?.id === undefined ? undefined : changed(claim, { id: claim.id });
}
