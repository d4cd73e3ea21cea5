import type { Claim, ClaimResponse, Task } from '@medplum/fhirtypes';
import { has } from '../../datatypes/coding.ts';
import { asking, refused } from '../../billing/submission/unanswered.ts';
import { hopOutput, hopsOf, isSameHop, standingOf, type Hop } from '../../datatypes/hop.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { resolve, updateResource } from '../../interaction/repository.ts';
import type { Transaction } from '../../store/store.ts';
import { hopTerms, system } from '../../terminology/system.ts';
import { lifeOf } from '../claim/claimLife.ts';
import { isAuthorization, recordDecision } from '../authorization/recordDecision.ts';
import type { Call } from '../operation.ts';
import { traced } from '../origin/traced.ts';
import { holderOf, taskKey } from '../uniqueKey.ts';
import { raiseTask } from '../worklist/task.ts';
import { numberOnItsWay } from './hopsOfRound.ts';
import { answerOf, recordAnswer } from './recordAnswer.ts';
import { readSubmission } from './submission.ts';

type Stored<T> = T & { id: string };

/** What was said of a claim, and what to tell people of it. */
export interface SaidOfClaim {
  readonly claim: string; // Claim/1
  readonly hop: Hop;
  readonly reason?: string; // of a rejection; codes only
  readonly asks?: Asked;
}

/** What the payer asks for before it judges a claim. */
export interface Asked {
  readonly text: string; // codes and numbers only
  readonly messages: readonly string[];
  readonly codes: string;
  readonly place: string; // x12-position
  readonly dueOn?: string; // FHIR date
}

/**
 * Writes what was said of a claim on its way to its Task `submission`, and what follows: a rejection ends the waiting for
 * an answer, whatever was accepted before; an acceptance gives the payer's number. What is known already changes nothing.
 */
export async function recordHop(
  call: Call,
  { claim: reference, hop, reason, asks }: SaidOfClaim,
): Promise<void> {
  const { context, tx } = call;
  const task = await holderOf(tx, taskKey('submission', reference));
  const claim = await resolve<Claim>(tx, 'Claim', { reference });
  if (!task || claim?.id === undefined) return;
  const known = hopsOf(task, hopTerms);
  if (known.some((one) => isSameHop(one, hop))) return;
  const stored = changed(claim, { id: claim.id });
  const output = [...(task.output ?? []), hopOutput(hop, hopTerms)];
  await updateResource<Task>(context, tx, changed(task, { output, lastModified: call.on }));
  const isOnItsWay = (await numberOnItsWay(tx, reference)) === hop.control;
  if (asks) await pend(call, stored, { hop, asks, isOnItsWay });
  // what comes late of a former round is kept only
  if (hop.status === undefined || !isOnItsWay) return;
  const standing = standingOf([...known, hop], hop.control);
  if (hop.status === 'rejected') await reject(call, stored, reason ?? hop.code);
  else if (standing === 'accepted' && !asks) await accept(call, stored, hop);
  await followHop(call, stored);
}

/** The Task says where the claim stands after it. */
async function followHop({ context, tx }: Call, claim: Stored<Claim>): Promise<void> {
  const { state, task } = await lifeOf(tx, claim);
  if (!task || has(task.businessStatus, system.claimState, state)) return;
  const businessStatus = { ...task.businessStatus, coding: [{ system: system.claimState, code: state }] };
  await updateResource<Task>(context, tx, changed(task, { businessStatus }));
}

async function reject(call: Call, claim: Stored<Claim>, reason: string): Promise<void> {
  const earlier = await answerOf(call, claim);
  if (earlier?.outcome === 'error') return;
  const isJudged = earlier?.outcome === 'complete';
  if (!isJudged && isAuthorization(claim)) await recordDecision(call, claim, refused(claim, call.on, reason));
  else if (!isJudged) {
    const { submission, faults } = await readSubmission(call.tx, claim, { sent: true });
    if (!submission) throw new Error(`${referenceText(claim)} cannot be answered: ${JSON.stringify(faults)}`);
    const response = refused(claim, call.on, reason);
    const said = { response, ...(earlier ? { earlier } : {}) };
    const step = { activity: 'answer of a payer', byServer: true } as const;
    await traced(call.context, call.tx, step, () => recordAnswer(call, submission, said));
  }
  await raiseTask(call, {
    code: isJudged ? 'answer-review' : 'submission-refused',
    focus: referenceText(claim),
    detail: '',
    text: isJudged
      ? 'the claim was rejected on its way after its payer had answered it: find out which of the two stands'
      : `the claim was rejected on its way (${reason}): mend what is wrong, complete this Task, and $submit sends it again`,
    patient: unversionedText(claim.patient.reference) ?? '',
    encounter: claim.item?.find((item) => item.encounter)?.encounter?.[0]?.reference,
  });
}

interface Asking {
  readonly hop: Hop;
  readonly asks: Asked;
  readonly isOnItsWay: boolean;
}

/**
 * The claim waits for what the payer asks for, with a Task until the day it is due. A claim that does not wait for its
 * answer, or goes again already, is left as it is: a person looks at it.
 */
async function pend(call: Call, claim: Stored<Claim>, { hop, asks, isOnItsWay }: Asking): Promise<void> {
  const { context, tx, on } = call;
  const reference = referenceText(claim);
  const earlier = await answerOf(call, claim);
  if (!isOnItsWay || earlier?.outcome !== 'queued' || claim.status !== 'active') {
    await raiseTask(call, {
      ...{ code: 'answer-review', focus: reference, detail: asks.codes },
      text: `${asks.text}. The claim does not wait for an answer to that: find out what the payer means`,
      patient: unversionedText(claim.patient.reference) ?? '',
      encounter: claim.item?.find((item) => item.encounter)?.encounter?.[0]?.reference,
    });
    return;
  }
  const { submission, faults } = await readSubmission(tx, claim, { sent: true });
  if (!submission) throw new Error(`${reference} cannot be pended: ${JSON.stringify(faults)}`);
  const number = hop.payerNumber ?? identifierOf(earlier, system.payerClaimControlNumber) ?? '';
  const response = asking(claim, on, { ...asks, payerNumber: number });
  const step = { activity: 'answer of a payer', byServer: true } as const;
  await traced(context, tx, step, () => recordAnswer(call, submission, { response, earlier }));
  const task = asks.dueOn === undefined ? undefined : await requestOf(tx, reference);
  if (task)
    await updateResource<Task>(context, tx, changed(task, { restriction: { period: { end: asks.dueOn } } }));
}

const requestOf = (tx: Transaction, claim: string): Promise<Stored<Task> | undefined> =>
  holderOf(tx, taskKey('information-requested', claim));

const acceptedText = 'Accepted; the payer has not answered yet';

/** The claim waits on; its answer has the number of the payer, which later inquiries and corrections name. */
async function accept({ context, tx }: Call, claim: Stored<Claim>, { payerNumber }: Hop): Promise<void> {
  const answer = await answerOf({ tx }, claim);
  if (answer?.outcome !== 'queued' || answer.processNote?.some((n) => n.type === 'print') === true) return;
  const number = identifierOf(answer, system.payerClaimControlNumber) ?? payerNumber;
  if (answer.disposition === acceptedText && identifierOf(answer, system.payerClaimControlNumber) === number)
    return;
  const others = (answer.identifier ?? []).filter((i) => i.system !== system.payerClaimControlNumber);
  const own = number === undefined ? [] : [{ system: system.payerClaimControlNumber, value: number }];
  const identifier = [...others, ...own];
  await updateResource<ClaimResponse>(
    context,
    tx,
    changed(answer, { disposition: acceptedText, ...(identifier.length > 0 ? { identifier } : {}) }),
  );
}

/** What is known of the way of a claim (Claim/1). */
export const hopsOfClaim = async (tx: Transaction, claim: string): Promise<readonly Hop[]> =>
  parseReference(claim) ? hopsOf(await holderOf(tx, taskKey('submission', claim)), hopTerms) : [];
