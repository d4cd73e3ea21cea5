import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { isUndecided } from '../../billing/authorization/review.ts';
import { contentText } from '../../datatypes/content.ts';
import { changed, without } from '../../datatypes/json.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { answerWithoutVersions, unversionedText, withoutVersions } from '../../datatypes/sentVersion.ts';
import { createResource, updateResource } from '../../interaction/repository.ts';
import type { Call } from '../operation.ts';
import { standingAnswer } from '../submission/answers.ts';
import { followSubmission } from '../submission/recordAnswer.ts';
import { holderOf, reserveKey, responseKey, taskKey } from '../uniqueKey.ts';
import { closeNoAnswer } from '../worklist/noAnswer.ts';
import { closeTask, raiseTask } from '../worklist/task.ts';
import { useDecision } from './useDecision.ts';

type Stored<T> = T & { id: string };

export const isAuthorization = ({ use }: Pick<Claim, 'use'>): boolean => use === 'preauthorization';

/** Locked by whoever writes the answer to a request: Claim/1. */
export const answerLock = (claim: string): string => `authorization-answer|${claim}`;

/**
 * Writes what a payer says of a request for authorization: the next version of its answer where there is one. No money
 * moves. What was decided reaches drafts and denied claims; what is pended is a Task until it is decided.
 */
export async function recordDecision(
  call: Call,
  given: Stored<Claim>,
  said: ClaimResponse,
): Promise<Stored<ClaimResponse>> {
  const { context, tx } = call;
  const claim = withoutVersions(given);
  const name = referenceText(claim);
  await tx.lock(answerLock(name));
  const earlier = await standingAnswer(tx, name);
  const response = answerWithoutVersions(said);
  if (earlier && (isSame(earlier, response) || isNothingNew(earlier, response))) return earlier;
  if (earlier && isDecided(earlier) && response.outcome === 'error') {
    const text =
      'the payer says that it cannot answer what it has decided: its decision stays, ask it whether that holds';
    await review(call, claim, text);
    return earlier;
  }
  const stored = earlier
    ? await updateResource<ClaimResponse>(context, tx, changed(response, { id: earlier.id }))
    : await createResource<ClaimResponse>(context, tx, response);
  if (!earlier) await reserveKey(tx, responseKey(name), referenceText(stored));
  const answer = changed(stored, { id: earlier?.id ?? stored.id });
  await followSubmission(call, { claim }, answer);
  if (claim.status !== 'active')
    await review(call, claim, 'it was answered after it had been cancelled: find out what is to be done');
  else if (earlier && isDecided(earlier))
    await review(call, claim, 'the payer has decided anew on it: see what has changed');
  await followPended(call, claim, answer);
  if (!isDecided(answer)) return answer;
  await closeNoAnswer(call, name);
  await useDecision(call, claim, answer);
  return answer;
}

const isDecided = (response: ClaimResponse): boolean =>
  (response.outcome === 'complete' || response.outcome === 'partial') && !isUndecided(response);

/** The answer without what the server adds. */
const isSame = (stored: ClaimResponse, response: ClaimResponse): boolean =>
  contentText(without(stored, 'id', 'meta', 'created')) ===
  contentText(without(response, 'id', 'meta', 'created'));

/** That nobody has answered yet says nothing against what was answered. */
const isNothingNew = (earlier: ClaimResponse, response: ClaimResponse): boolean =>
  response.outcome === 'queued' && earlier.outcome !== 'error';

/** What is pended is work until it is decided. */
async function followPended(call: Call, claim: Stored<Claim>, answer: ClaimResponse): Promise<void> {
  const code = 'authorization-pended';
  const isPended = answer.outcome !== 'queued' && isUndecided(answer);
  if (isPended) {
    const text =
      'the payer has pended the request for authorization: attach what it asks for and $submit it again, or wait: it is asked by itself';
    await raiseTask(call, { ...workOf(claim), code, detail: '', text });
    return;
  }
  const task = isDecided(answer) ? await holderOf(call.tx, taskKey(code, referenceText(claim))) : undefined;
  if (task && task.status !== 'completed' && task.status !== 'cancelled') await closeTask(call, task);
}

const workOf = (claim: Stored<Claim>) => ({
  focus: referenceText(claim),
  patient: unversionedText(claim.patient.reference),
  practice: unversionedText(claim.provider.reference),
});

/** An answer that a person has to look at. */
export const review = (call: Call, claim: Stored<Claim>, text: string): Promise<void> =>
  raiseTask(call, {
    ...{ code: 'authorization-review', focus: referenceText(claim), detail: '', text },
    patient: unversionedText(claim.patient.reference),
  });
