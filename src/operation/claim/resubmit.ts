import type { Claim, Extension } from '@medplum/fhirtypes';
import { orderOf, partOf } from '../../billing/claim/claimPlace.ts';
import { isUnprocessable } from '../../billing/claim/life.ts';
import { dateOf } from '../../datatypes/date.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { hopsOf } from '../../datatypes/hop.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { updateResource } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, decided } from '../../outcome/issue.ts';
import { extension, hopTerms } from '../../terminology/system.ts';
import { captureCharges } from '../charge/captureCharges.ts';
import { readVisit } from '../charge/visit.ts';
import type { Call } from '../operation.ts';
import { claimKey, correctionKey, releaseKey, reserveKey } from '../uniqueKey.ts';
import type { ClaimLife } from './claimLife.ts';
import { correctedClaim } from './correctedCharges.ts';
import type { Corrected, Correcting } from './correcting.ts';
import { draftClaims, type WrittenClaim } from './draftClaims.ts';
import { reverseAnswer } from './reverseAnswer.ts';
import { formOf } from './visitForms.ts';
import { giveBackPlace, withdraw } from './withdraw.ts';

/**
 * A claim that its payer never judged goes again as a new original: the same charges under a new control number, with the
 * proof when the first was received. `dropped`: it is only taken back. Billing rule 55.
 */
export async function resubmit(
  call: Call,
  claim: WrittenClaim,
  { life, reason, dropped = false }: Correcting & { readonly life: ClaimLife; readonly dropped?: boolean },
): Promise<Corrected> {
  const name = referenceText(claim);
  if (orderOf(claim) > 1 || partOf(claim) === '') {
    const text = 'mend what is wrong, complete the Task submission-refused, and $submit sends it again';
    throw unprocessable([businessFault('resubmit-by-submit', 'Claim', text)]);
  }
  const corrected = await correctedClaim(call.tx, claim);
  if (corrected && !dropped) {
    const text = `it was to correct ${referenceText(corrected)}: $correct or $void that claim again`;
    throw unprocessable([businessFault('resubmit-by-submit', 'Claim', text)]);
  }
  const { answer } = life;
  if (answer && isUnprocessable(answer)) await reverseAnswer(call, { claim, by: 'us' });
  const account = extensionOf(claim, extension.account)?.valueReference?.reference ?? '';
  const encounter = claim.item?.find((i) => i.encounter)?.encounter?.[0]?.reference ?? '';
  const withdrawn = await withdraw(call, { claim, account, state: 'withdrawn' });
  if (corrected) await giveBackPlace(call.tx, claim, corrected);
  else await releaseKey(call.tx, claimKey(encounter, 1, partOf(claim)));
  if (dropped) {
    const text = `${name} was never judged: it is taken back here, its charges are free`;
    return { claim: withdrawn, issues: [decided('withdrawn', 'Claim', text)] };
  }
  const captured = await captureCharges(call, await readVisit(call, parseReference(encounter)?.id ?? ''));
  const { claims, issues } = await draftClaims(call, captured, formOf(claim));
  const draft = claims.find((c) => c.status === 'draft' && partOf(c) === partOf(claim));
  if (!draft) {
    const text = 'the chart no longer gives this claim: $generate-claim bills what it gives';
    throw unprocessable([businessFault('draft-out-of-date', 'Claim', text)]);
  }
  const proof = {
    url: extension.resubmissionOf,
    extension: [
      { url: 'claim', valueReference: { reference: name } },
      { url: 'sent', valueDate: dateOf(claim.created) },
      ...(answer ? [{ url: 'answered', valueDate: dateOf(answer.created) }] : []),
      ...receiptOf(life),
    ],
  };
  const said = { url: extension.correctionReason, valueString: reason };
  const made = await updateResource<Claim>(
    call.context,
    call.tx,
    changed(draft, { extension: [...(draft.extension ?? []), said, proof] }),
  );
  await reserveKey(call.tx, correctionKey(name), referenceText(draft));
  const text = `Claim/${draft.id} goes instead of ${name}, as a new original: $edit it where needed, then $submit`;
  return { claim: changed(made, { id: draft.id }), issues: [decided('created', 'Claim', text), ...issues] };
}

/** When the first was received, and the file that says so: proof that it was filed in time. */
function receiptOf({ task }: ClaimLife): Extension[] {
  const hops = hopsOf(task, hopTerms);
  const receipt = hops.find((h) => h.status === 'accepted') ?? hops.find((h) => h.status === 'acknowledged');
  if (!receipt) return [];
  return [
    { url: 'received', valueDate: receipt.on },
    { url: 'receipt', valueReference: { reference: receipt.proof } },
  ];
}
