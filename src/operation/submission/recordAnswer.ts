import type {
  Claim,
  ClaimResponse,
  Coverage,
  Location,
  Organization,
  Reference,
  Task,
} from '@medplum/fhirtypes';
import { stateOf } from '../../billing/claim/life.ts';
import { worklist } from '../../billing/denial/worklist.ts';
import { explain } from '../../billing/explanation/explain.ts';
import { claimAdjudicated, claimPended, type AdjudicatedLine } from '../../billing/ledger/index.ts';
import { remit } from '../../billing/remittance/remit.ts';
import { remitCorrection } from '../../billing/remittance/reversedAnswer.ts';
import { paidInFull } from '../../billing/remittance/takenBack.ts';
import { submissionTask } from '../../billing/submission/submissionTask.ts';
import { adjudicated } from '../../datatypes/adjudication.ts';
import type { Cents } from '../../datatypes/cents.ts';
import { isHop } from '../../datatypes/hop.ts';
import { referenceText, same, versionText } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { has } from '../../datatypes/coding.ts';
import { createResource, parsed, resolve, updateResource } from '../../interaction/repository.ts';
import type { Transaction } from '../../store/store.ts';
import { isVoidClaim, priorClaimOf } from '../../terminology/claimFrequency.ts';
import { hopTerms, system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { keepCostShareOff } from '../invoice/costShare.ts';
import { judgeExpected } from '../contract/expectation.ts';
import { judgeDenials } from '../denial/judgeDenials.ts';
import { draftNextClaim } from '../claim/draftNextClaim.ts';
import { holderOf, reserveKey, responseKey, taskKey } from '../uniqueKey.ts';
import { billAgain } from '../remittance/billAgain.ts';
import { closeNoAnswer } from '../worklist/noAnswer.ts';
import { standingAnswer } from './answers.ts';
import { endOf } from '../claim/claimLife.ts';
import { hopsOfRound } from './hopsOfRound.ts';
import { profileParties } from './profileParties.ts';
import type { Submission } from './submission.ts';
import { takeOver } from './takeOver.ts';
import { recordTakenBack } from './takenBack.ts';
import { answerWithoutVersions, withoutVersions } from '../../datatypes/sentVersion.ts';
import { post } from '../closing/post.ts';
import { withReasonTexts } from '../table/reasonTexts.ts';

type Stored<T> = T & { id: string };

/** An answer as it is to be written, and where the claim stood before. */
export interface Answered {
  readonly response: ClaimResponse;
  readonly takenBack?: Cents;
  readonly reverses?: boolean; // the answer to the claim that this one corrects is taken back with it
  readonly earlier?: Stored<ClaimResponse>; // the queued answer this one follows
}

/** The answer to a claim as it stands. */
export const answerOf = (
  { tx }: Pick<Call, 'tx'>,
  claim: Stored<Claim>,
): Promise<Stored<ClaimResponse> | undefined> => standingAnswer(tx, referenceText(claim));

/** Writes an answer with all that follows from it: journal, remittance, explanation, Tasks, the next payer's claim. */
export async function recordAnswer(
  call: Call,
  sent: Submission,
  said: Answered,
): Promise<Stored<ClaimResponse>> {
  const { context, tx } = call;
  const submission = { ...sent, claim: withoutVersions(sent.claim) };
  const named = await withReasonTexts(call, answerWithoutVersions(said.response));
  const answered = { ...said, response: named };
  const { earlier } = answered;
  const response = await writeResponse(call, answered);
  if (!earlier) await reserveKey(tx, responseKey(referenceText(submission.claim)), referenceText(response));
  const complete = response.outcome === 'complete';
  const next = complete ? await settle(call, submission, { ...answered, response }) : undefined;
  if (isPended(response) && !(await wasPended(tx, earlier))) await pend(call, submission, response);
  await followSubmission(call, submission, response);
  const { claim } = submission;
  if (complete) await judgeExpected(call, claim, { deciding: [response] });
  if (complete && !isVoidClaim(claim) && priorClaimOf(claim)) await judgeDenials(call, claim, response);
  for (const { code, detail, task } of worklist({ claim, response, followed: next !== undefined })) {
    const key = taskKey(code, referenceText(claim), detail);
    const known = await holderOf(tx, key);
    if (known) await askAgain(call, known);
    else {
      const named = await withReasonTexts(call, task);
      await reserveKey(tx, key, referenceText(await createResource(context, tx, named)));
    }
  }
  return response;
}

/** A request for information that was answered, and comes again, is open again. */
async function askAgain({ context, tx }: Call, task: Stored<Task>): Promise<void> {
  if (task.status !== 'completed' || !has(task.code, system.task, 'information-requested')) return;
  await updateResource(context, tx, changed(task, { status: 'requested' }));
}

/** The answer as the next version of the queued one it follows; one that was paid and taken back is paid first. */
async function writeResponse(
  { context, tx }: Call,
  { response, takenBack, earlier }: Answered,
): Promise<Stored<ClaimResponse>> {
  if (takenBack === undefined) {
    return earlier
      ? updateResource(context, tx, changed(response, { id: earlier.id }))
      : createResource(context, tx, response);
  }
  const first = paidInFull(response);
  const { id } = earlier
    ? await updateResource(context, tx, changed(first, { id: earlier.id }))
    : await createResource(context, tx, first);
  return updateResource(context, tx, changed(response, { id }));
}

interface Settled extends Answered {
  readonly response: Stored<ClaimResponse>;
}

/** A complete answer: remittance, explanation, the journal, and the further payer's draft claim, which it answers with. */
async function settle(
  call: Call,
  submission: Submission,
  { response, takenBack, earlier, reverses = false }: Settled,
): Promise<Stored<Claim> | undefined> {
  const { context, tx } = call;
  const { claim, payer, account, priors } = submission;
  const from = (await wasPended(tx, earlier)) ? 'pended' : 'open';
  const over = reverses ? await takeOver(call, submission, { on: response.created, from }) : undefined;
  const remittance = await createResource(
    context,
    tx,
    over && over.reversals.length > 0
      ? remitCorrection(response, over.reversals)
      : remit(response, takenBack),
  );
  if (isVoidClaim(claim)) {
    if (over) await billAgain(call, over.books);
    return undefined;
  }
  const placed = over?.placed ?? submission.placed;
  const carriers = await otherCarriers(call, claim);
  const facility = await facilityOf(call, claim);
  const linesOf = (answer: ClaimResponse): AdjudicatedLine[] =>
    adjudicated(answer).map(({ sequence, submitted, paid, adjustments }) => ({
      item: sequence,
      encounter: placed.find((p) => sequence === undefined || p.item === sequence)?.encounter,
      submitted,
      paid,
      adjustments,
    }));
  const event = {
    newId: context.newId,
    on: response.created,
    account,
    cause: versionText(response),
    remittance: versionText(remittance),
    claim: referenceText(claim),
    payer,
    placed,
    from,
  } as const;
  const explained = { claim, priors, carriers, ...(facility ? { facility } : {}) };
  const explanation = explain({ ...explained, response });
  const standing =
    takenBack === undefined
      ? explanation
      : await recordTakenBack(call, { response, explained, event, linesOf }, explanation);
  await createResource(context, tx, await withReasonTexts(call, standing));
  await profileParties(call, claim, facility);
  // a claim that was cancelled meanwhile is answered all the same, but nothing new is made of it
  const next = claim.status === 'active' ? await draftNextClaim(call, claim, response) : undefined;
  const entries = claimAdjudicated({
    ...event,
    lines: linesOf(response),
    ...(next ? { next: { claim: referenceText(next), payer: next.insurer?.reference ?? '' } } : {}),
  });
  for (const entry of entries) await post(call, entry);
  if (!next) await keepCostShareOff(call, { claim, response, account, on: response.created });
  if (over) await billAgain(call, over.books);
  return next;
}

/** What the payers of the other coverages of a claim are called. */
export async function otherCarriers({ tx }: Pick<Call, 'tx'>, claim: Claim): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const { focal, coverage: pointer } of claim.insurance) {
    if (focal || pointer.reference === undefined) continue;
    const payor = (await resolve<Coverage>(tx, 'Coverage', pointer))?.payor[0];
    const name = payor?.display ?? (await resolve<Organization>(tx, 'Organization', payor))?.name;
    if (name !== undefined) names.set(pointer.reference, name);
  }
  return names;
}

/** Whose place the services were given in, where it is not the billing provider's own. */
export async function facilityOf(
  { tx }: Pick<Call, 'tx'>,
  { facility, provider }: Claim,
): Promise<Reference | undefined> {
  const place = await resolve<Location>(tx, 'Location', facility);
  const owner =
    facility?.reference?.includes('Organization/') === true ? facility : place?.managingOrganization;
  return owner?.reference === undefined || same(owner, provider) ? undefined : { reference: owner.reference };
}

/** The payer asks for something; an answer that only says "queued" leaves the money open. */
export const isPended = (response: ClaimResponse): boolean =>
  response.outcome === 'queued' && (response.processNote?.some((n) => n.type === 'print') ?? false);

/** Whether the money of a claim stands with what is pended: some version of its answer asked for something. */
async function wasPended(tx: Transaction, earlier: Stored<ClaimResponse> | undefined): Promise<boolean> {
  if (!earlier) return false;
  if (isPended(earlier)) return true;
  if (earlier.outcome !== 'error') return false;
  const versions = await tx.history('ClaimResponse', earlier.id, { count: 100 });
  return versions.some((v) => !v.deleted && isPended(parsed<ClaimResponse>(v)));
}

async function pend(call: Call, submission: Submission, response: Stored<ClaimResponse>): Promise<void> {
  const { context } = call;
  const { claim, payer, account, placed } = submission;
  await post(
    call,
    claimPended({
      id: context.newId(),
      on: response.created,
      account,
      cause: versionText(response),
      claim: referenceText(claim),
      payer,
      lines: placed,
    }),
  );
}

/** The Task that follows the submission: one per claim, brought up to date with each answer. */
export async function followSubmission(
  { context, tx, on }: Call,
  { claim }: Pick<Submission, 'claim'>,
  response: Stored<ClaimResponse>,
): Promise<void> {
  const key = taskKey('submission', referenceText(claim));
  const known = await holderOf(tx, key);
  const hops = await hopsOfRound(tx, referenceText(claim), known);
  // what comes late of a claim that was withdrawn, or has another in its place, does not open it again
  const end = claim.status === 'cancelled' ? endOf(known) : undefined;
  const ended = response.outcome !== 'complete' || end === 'corrected' ? end : undefined;
  const state = stateOf({ claim, answer: response, answers: [response], hops, ended });
  const task = submissionTask(claim, response, { on: known?.authoredOn ?? on, state });
  // what was said of the claim on its way is kept
  const said = (known?.output ?? []).filter((output) => isHop(output, hopTerms));
  const output = [...(task.output ?? []), ...said];
  if (known) await updateResource(context, tx, changed(task, { id: known.id, output }));
  else await reserveKey(tx, key, referenceText(await createResource(context, tx, task)));
  if (response.outcome === 'complete' || response.outcome === 'error' || isPended(response))
    await closeNoAnswer({ context, tx }, referenceText(claim));
}
