import type { Claim } from '@medplum/fhirtypes';
import { orderOf } from '../../billing/claim/claimPlace.ts';
import { answerReversed, handedOn, lastPosted } from '../../billing/ledger/index.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { changed, without } from '../../datatypes/json.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { withoutVersions } from '../../datatypes/sentVersion.ts';
import { resolve, updateResource } from '../../interaction/repository.ts';
import { post } from '../closing/post.ts';
import type { Call } from '../operation.ts';
import { standingAnswer } from '../submission/answers.ts';
import { resendLock } from '../uniqueKey.ts';
import { raiseTask } from '../worklist/task.ts';
import { draftNextClaim } from './draftNextClaim.ts';
import { followState } from './followState.ts';
import { withdraw } from './withdraw.ts';

/** What an answer before handed on to a claim of a further payer. */
export const handedTo = (journal: readonly Entry[], claim: string): Entry[] =>
  handedOn(journal).filter((e) => e.postings.some((p) => p.claim === claim && p.amount > 0));

/**
 * The payer took a claim back that we voided: its charges are free. Of a further payer's claim the answer before stands,
 * and what it had handed on stands again on a draft to that payer, as before the claim was sent.
 */
export async function endVoided(
  call: Call,
  of: { readonly claim: Claim & { id: string }; readonly account: string },
): Promise<void> {
  const { claim, account } = of;
  if (orderOf(claim) === 1) {
    await withdraw(call, { claim, account, state: 'voided' });
    return;
  }
  const { context, tx } = call;
  const name = referenceText(claim);
  await tx.lock(resendLock(name));
  const written = await updateResource<Claim>(context, tx, changed(claim, { status: 'cancelled' }));
  const journal = await tx.journal(account);
  const handed = handedTo(journal, name);
  const last = lastPosted(journal, new Set([name]));
  const on = last > call.on ? last : call.on;
  const cause = versionText(written);
  for (const entry of answerReversed(handed, { newId: context.newId, on, cause })) await post(call, entry);
  const draft = await draftAgain(call, name, handed);
  for (const entry of draft ? handed : []) {
    const postings = entry.postings.map((p) => (p.claim === name ? { ...p, claim: draft ?? name } : p));
    await post(call, { ...without(entry, 'enteredOn', 'dated'), id: context.newId(), on, postings });
  }
  await followState(call, name, 'voided');
  if (draft !== undefined) return;
  await raiseTask(call, {
    ...{ code: 'reversal-review', focus: name, detail: 'void' },
    text: 'the claim was taken back and no draft to its payer takes its place: bill what the payer before left',
    patient: withoutVersions(claim).patient.reference,
    encounter: claim.item?.find((i) => i.encounter)?.encounter?.[0]?.reference,
  });
}

/** The draft to the further payer, made again from the answer before. */
async function draftAgain(call: Call, claim: string, handed: readonly Entry[]): Promise<string | undefined> {
  const before = handed[0]?.postings.find((p) => p.claim !== undefined && p.claim !== claim)?.claim;
  const prior = await resolve<Claim>(call.tx, 'Claim', { reference: before ?? '' });
  const response = before === undefined ? undefined : await standingAnswer(call.tx, before);
  if (prior?.id === undefined || response?.outcome !== 'complete') return undefined;
  const draft = await draftNextClaim(call, changed(withoutVersions(prior), { id: prior.id }), response);
  return draft && referenceText(draft);
}
