import type { ClaimResponse } from '@medplum/fhirtypes';
import { unanswered } from '../../billing/submission/unanswered.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import type { Gateway, Route, Transmission } from '../../gateway/gateway.ts';
import { openStates, type Job, type Lease } from '../../store/job.ts';
import { system } from '../../terminology/system.ts';
import { isAuthorization, recordDecision } from '../authorization/recordDecision.ts';
import type { Call } from '../operation.ts';
import { submissionJobKey } from '../uniqueKey.ts';
import { sendingMark } from './delivery.ts';
import { deliveryKind, deliveryOf, type Delivery } from './handedOver.ts';
import type { NamedGateway } from './gatewayOf.ts';
import { noted } from './noted.ts';
import type { ReasonToSend } from './reasonToSend.ts';
import { recordAnswer } from './recordAnswer.ts';
import type { Submission } from './submission.ts';

type Stored<T> = T & { id: string };

/** A claim that is on its way: what this process goes on with, once the transaction has landed. */
export interface Begun {
  readonly claim: string; // Claim/1
  readonly lease?: Lease; // of its job, where it was made here
  readonly transmission?: Transmission;
  readonly gateway?: Gateway;
  readonly notes?: readonly string[];
}

export const isBegun = (result: ClaimResponse | Begun): result is Begun => !('resourceType' in result);

/** Whether a job is at bringing a claim to its payer. */
export const isOnItsWay = (job: Job | undefined): boolean =>
  job !== undefined && openStates.includes(job.state);

/** Writes that a claim was submitted and nobody has answered yet. */
export const queue = (
  call: Call,
  submission: Submission,
  why: Parameters<typeof unanswered>[2],
  notes: readonly string[] = [],
): Promise<Stored<ClaimResponse>> => {
  const response = noted(unanswered(submission.claim, call.on, why), notes);
  return isAuthorization(submission.claim)
    ? recordDecision(call, submission.claim, response)
    : recordAnswer(call, submission, { response });
};

interface Sending {
  readonly id: string;
  readonly round: number;
  readonly satisfied: boolean;
  readonly answeredOn: string | undefined;
  readonly route: Route | undefined;
}

function transmissionOf({ on }: Call, submission: Submission, sending: Sending): Transmission {
  const { claim, coverage, payer, priors } = submission;
  const { id, round, satisfied, answeredOn, route } = sending;
  const number = identifierOf(claim, system.patientControlNumber) ?? claim.id;
  return {
    ...{ id, payer, claim, coverage, priors, satisfied, sentOn: on },
    controlNumber: round === 1 ? number : `${number}-${round}`,
    ...(answeredOn === undefined ? {} : { answeredOn }),
    ...(route ? { route } : {}),
  };
}

interface Handing {
  readonly named: NamedGateway;
  readonly reason: ReasonToSend | undefined;
  readonly answeredOn: string | undefined;
  readonly notes: readonly string[]; // warnings of our scrub
  readonly earlier: Stored<ClaimResponse> | undefined;
  readonly job: Job | undefined; // the one before
}

/** Makes the job that brings a claim to its payer: for this process to go on with, or for whoever is free. */
export async function handOver(
  call: Call,
  submission: Submission,
  { named, reason, answeredOn, notes, earlier, job: before }: Handing,
): Promise<Stored<ClaimResponse> | Begun> {
  const { tx, context } = call;
  const former = before && deliveryOf(before);
  const round = former ? former.round + (reason === 'again' ? 0 : 1) : 1;
  const id = (reason === 'again' ? former?.transmission : undefined) ?? context.newId();
  const satisfied = reason === 'satisfied';
  const transmission = transmissionOf(call, submission, {
    ...{ id, round, satisfied, answeredOn },
    route: named.route,
  });
  const { claim, coverage, payer } = submission;
  const reference = referenceText(claim);
  const delivery: Delivery = {
    gateway: named.code,
    transmission: transmission.id,
    controlNumber: transmission.controlNumber,
    round,
    claim: versionText(claim),
    coverage: versionText(coverage),
    payer,
    on: call.on,
    ...(transmission.answeredOn === undefined ? {} : { answeredOn: transmission.answeredOn }),
    satisfied: transmission.satisfied,
    notes,
    ...(named.route ? { route: named.route } : {}),
  };
  const job = {
    ...{ key: submissionJobKey(reference), kind: deliveryKind, payload: JSON.stringify(delivery) },
    due: Date.parse(context.now()),
  };
  const begun: Begun = { claim: reference, transmission, gateway: named.gateway, notes };
  if (call.dryRun) return begun;
  if (call.isPart) {
    await tx.jobs.enqueue(job, { reopen: true });
    return earlier ?? queue(call, submission, 'waiting', notes);
  }
  const lease = await tx.jobs.begin({ ...job, result: sendingMark }, { reopen: true });
  return lease ? { ...begun, lease } : { claim: reference };
}
