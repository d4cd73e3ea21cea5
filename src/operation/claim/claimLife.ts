import type { Claim, ClaimResponse, Task } from '@medplum/fhirtypes';
import {
  allowed,
  claimStates,
  life,
  stateOf,
  type ClaimState,
  type LifeFacts,
  type Step,
} from '../../billing/claim/life.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { isOpen } from '../../datatypes/openTask.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { find } from '../../interaction/repository.ts';
import { conflict } from '../../outcome/fhirError.ts';
import type { Reader } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { standingAnswer } from '../submission/answers.ts';
import { hopsOfRound } from '../submission/hopsOfRound.ts';
import { holderOf, submissionJobKey, taskKey } from '../uniqueKey.ts';

type Stored<T> = T & { id: string };

/** Where a claim stands, with what it follows from. */
export interface ClaimLife {
  readonly state: ClaimState;
  readonly answer: Stored<ClaimResponse> | undefined; // that stands
  readonly answers: readonly ClaimResponse[];
  readonly task: Stored<Task> | undefined; // that follows its submission
}

/**
 * Reads where a claim stands: from its answers, the Task and the job of its submission, and how it was ended. For a
 * caller who does not see all (`view`), from what of it they see: an answer that they do not see tells nothing.
 */
export async function lifeOf(
  tx: Reader & Pick<Call['tx'], 'jobs'>,
  claim: Stored<Claim>,
  view?: Reader,
): Promise<ClaimLife> {
  const name = referenceText(claim);
  const task = await seen(view, await holderOf(tx, taskKey('submission', name)));
  const answer = await seen(view, await standingAnswer(tx, name));
  const answers = await find<ClaimResponse>(view ?? tx, 'ClaimResponse', { request: name });
  const job = claim.status === 'active' ? await tx.jobs.read(submissionJobKey(name)) : undefined;
  const facts: LifeFacts = {
    claim,
    answer,
    answers,
    hops: await hopsOfRound(tx, name, task),
    isAppealed: answer?.outcome === 'complete' && (await isAppealed(view ?? tx, name)),
    ...(job
      ? { job: { state: job.state, ...(job.result === undefined ? {} : { result: job.result }) } }
      : {}),
    ended: claim.status === 'cancelled' ? endOf(task) : undefined,
  };
  return { state: stateOf(facts), answer, answers, task };
}

/** A resource, unless it is hidden from the caller. */
async function seen<T extends Stored<ClaimResponse | Task>>(
  view: Reader | undefined,
  resource: T | undefined,
): Promise<T | undefined> {
  if (!view || !resource) return resource;
  return (await view.read(resource.resourceType, resource.id)) ? resource : undefined;
}

/** Whether somebody works on an appeal: a Task of that code, whoever wrote it. */
async function isAppealed(tx: Reader, claim: string): Promise<boolean> {
  const appeals = await find<Task>(tx, 'Task', { focus: claim, code: `${system.task}|appeal` });
  return appeals.some(isOpen);
}

const ends = ['corrected', 'voided', 'withdrawn'] as const;

/** How a claim that is cancelled ended, as the Task of its submission says. */
export function endOf(task: Task | undefined): LifeFacts['ended'] {
  const state = codeOf(task?.businessStatus, system.claimState);
  return ends.find((end) => end === state);
}

export const isClaimState = (code: string | undefined): code is ClaimState =>
  claimStates.some((state) => state === code);

/** Refuses a step that the state of the claim does not allow, and says what can be done instead. */
export function requireStep(claim: Stored<Claim>, state: ClaimState, step: Step): void {
  if (allowed(claim, state).includes(step)) return;
  if (life[state].allows.includes(step)) {
    const text = `${referenceText(claim)} was sent by the former system, which has its chart: $${step} it there, and post here what the payer answers`;
    throw conflict('claim-brought-forward', text, 'Claim');
  }
  const text = `${referenceText(claim)} ${life[state].otherwise}`;
  throw conflict('claim-state', text, 'Claim.status');
}
