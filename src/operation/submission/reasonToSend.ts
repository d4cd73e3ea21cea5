import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { isBroughtForward } from '../../billing/opening/broughtForward.ts';
import { has } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { updateResource } from '../../interaction/repository.ts';
import type { Job } from '../../store/job.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { holderOf, taskKey } from '../uniqueKey.ts';
import { gatewayOf, isNamed } from './gatewayOf.ts';
import { isPended } from './recordAnswer.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';

type Stored<T> = T & { id: string };

/** Why a claim is sent. `again`: as the same transmission, since a person has found that the payer does not have it. */
export type ReasonToSend = 'first' | 'again' | 'satisfied' | 'mended';

interface Standing {
  readonly claim: Stored<Claim>;
  readonly earlier: Stored<ClaimResponse> | undefined;
  readonly job: Job | undefined;
}

/**
 * Whether and why a claim is to be sent: what a pended answer asked for is given, a person has completed the Task of
 * what stood in the way, or a payer is connected now. Undefined when its answer stands.
 */
export async function reasonToSend(
  call: Call,
  { claim, earlier, job }: Standing,
): Promise<ReasonToSend | undefined> {
  if (!earlier) return 'first';
  if (earlier.outcome === 'complete') return undefined;
  if (isBroughtForward(claim)) return undefined; // the former system sent it
  const isDone = async (code: string): Promise<boolean> =>
    (await holderOf(call.tx, taskKey(code, referenceText(claim))))?.status === 'completed';
  if (job?.state === 'held') return (await isDone('submission-unknown')) ? 'again' : undefined;
  if (job?.state === 'failed') return (await isDone('submission-failed')) ? 'again' : undefined;
  if (earlier.outcome === 'error') return (await isDone('submission-refused')) ? 'mended' : undefined;
  if (isPended(earlier)) return (await hasWhatWasAsked(call, claim, earlier)) ? 'satisfied' : undefined;
  if (job?.state === 'done') return undefined; // it is on its way, and what comes back comes by itself
  return isNamed(await gatewayOf(call, unversionedText(claim.insurer?.reference) ?? '', claim))
    ? 'mended'
    : undefined; // none was connected before
}

/** What a pended answer asked for is given when its Task is completed or a document is attached; then the Task is too. */
async function hasWhatWasAsked(
  { context, tx }: Call,
  claim: Stored<Claim>,
  earlier: ClaimResponse,
): Promise<boolean> {
  if (!isPended(earlier)) return false;
  const task = await holderOf(tx, taskKey('information-requested', referenceText(claim)));
  if (task?.status === 'completed') return true;
  const attached =
    claim.supportingInfo?.some((s) => has(s.category, system.supportingInfo, 'attachment')) ?? false;
  if (attached && task) {
    await updateResource(context, tx, changed(task, { status: 'completed' }));
  }
  return attached;
}
