import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { refused, unanswered } from '../../billing/submission/unanswered.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import type { Found, Gateway, Transmission } from '../../gateway/gateway.ts';
import { noteRead } from '../../interaction/origin.ts';
import { parsed } from '../../interaction/repository.ts';
import type { Handler, TryAgain } from '../../job/queue.ts';
import type { Lease } from '../../store/job.ts';
import type { Transaction } from '../../store/store.ts';
import { askPended } from '../authorization/inquiryJob.ts';
import { isAuthorization, recordDecision } from '../authorization/recordDecision.ts';
import type { OperationContext } from '../operation.ts';
import { traced } from '../origin/traced.ts';
import { raiseTask, type Work } from '../worklist/task.ts';
import { deliveryKind, deliveryOf, type Delivery } from './handedOver.ts';
import { answerOf, recordAnswer, type Answered } from './recordAnswer.ts';
import { followUp } from './followUp.ts';
import { laterCall } from './laterCall.ts';
import { noted } from './noted.ts';
import { readSubmission } from './submission.ts';
import { transmissionOf } from './transmissionOf.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';

export { laterCall } from './laterCall.ts';

type Stored<T> = T & { id: string };

/** Kept as the result of a job before the gateway is called: from then on the payer may have it. */
export const sendingMark = JSON.stringify({ is: 'sending' });

/** Pauses between questions about a claim that the payer has accepted; they double. Milliseconds. */
const askAgainFirst = 1000;
const askAgainMax = 900_000;

/** What whoever made the job knows already, and wants to know. */
export interface Own {
  readonly transmission?: Transmission; // not sent yet
  readonly answered?: (response: Stored<ClaimResponse>) => void;
}

/**
 * Brings a claim to its payer and writes what comes back. One that may have been sent is first asked about, and what
 * nobody can tell is held for a person: it is never sent twice by itself.
 */
export const claimDelivery = (context: OperationContext, own: Own = {}): Handler => ({
  kind: deliveryKind,
  run: async (lease) => {
    const delivery = deliveryOf(lease.job);
    const gateway = context.gateways?.(delivery.gateway, context);
    if (!gateway) throw new Error(`there is no gateway ${delivery.gateway}`);
    const found = await bring(context, { gateway, lease, delivery, own });
    return receive(context, { lease, delivery, own }, found);
  },
  giveUp: (tx, lease) => stuck(context, tx, deliveryOf(lease.job), 'submission-failed'),
});

interface Bringing {
  readonly gateway: Gateway;
  readonly lease: Lease;
  readonly delivery: Delivery;
  readonly own: Own;
}

/** Sends what was not sent, and asks about what may have been. */
async function bring(context: OperationContext, { gateway, lease, delivery, own }: Bringing): Promise<Found> {
  if (own.transmission) return sent(context, gateway, own.transmission);
  if (lease.job.result !== undefined) {
    const found = await gateway.find(delivery.transmission);
    if (found.is !== 'absent') return found;
  }
  const { store } = context;
  await store.transaction((tx) => tx.jobs.change(lease, { state: 'sending', result: sendingMark }));
  return sent(context, gateway, await transmissionOf(store, delivery));
}

/** What a gateway throws while it sends leaves open whether the payer has the claim. */
const sent = (context: OperationContext, gateway: Gateway, transmission: Transmission): Promise<Found> =>
  gateway.send(transmission).catch((error: unknown) => {
    context.failed?.(error);
    return { is: 'unknown' } as const;
  });

type Received = Omit<Bringing, 'gateway'>;

async function receive(
  context: OperationContext,
  { lease, delivery, own }: Received,
  found: Found,
): Promise<TryAgain | undefined> {
  const { store } = context;
  switch (found.is) {
    case 'unknown':
    case 'absent':
      return { tryAgain: JSON.stringify({ is: 'unknown' }) };
    case 'unfit':
      await store.transaction(async (tx) => {
        await stuck(context, tx, delivery, 'submission-unknown', unfit(found.reason));
        await tx.jobs.change(lease, { state: 'held' });
      });
      return undefined;
    case 'cannot-tell':
      await store.transaction(async (tx) => {
        await stuck(context, tx, delivery, 'submission-unknown');
        await tx.jobs.change(lease, { state: 'held' });
      });
      return undefined;
    case 'accepted': {
      const { asked: before = 0 } = JSON.parse(lease.job.result ?? '{}') as { asked?: number };
      if (found.pended) return pended(context, { lease, delivery, own }, found.pended);
      const asked = before + 1;
      const due = Date.parse(context.now()) + Math.min(askAgainMax, askAgainFirst * 2 ** (asked - 1));
      await store.transaction(async (tx) => {
        await noteAnswer(context, tx, () => recordWaiting(context, tx, delivery));
        await tx.jobs.change(lease, { state: 'due', due, result: JSON.stringify({ is: 'accepted', asked }) });
        if (asked === 1) await followUp({ tx }, { ...followed(delivery), now: context.now() });
      });
      return undefined;
    }
    case 'awaited': {
      const response = await store.transaction(async (tx) => {
        const recorded = await recordWaiting(context, tx, delivery);
        await tx.jobs.change(lease, { state: 'done', result: JSON.stringify({ is: 'awaited' }) });
        if (recorded.use === 'preauthorization') await askPended(context, tx, followed(delivery).claim);
        else await followUp({ tx }, { ...followed(delivery), now: context.now() });
        return recorded;
      });
      own.answered?.(response);
      return undefined;
    }
    case 'answer':
    case 'refused': {
      const response = await store.transaction(async (tx) => {
        const recorded = await noteAnswer(context, tx, async () => {
          const response = await record(context, tx, delivery, (claim) =>
            found.is === 'answer' ? found : { response: refused(claim, delivery.on, found.reason) },
          );
          if (response.outcome === 'complete' && response.use === 'claim')
            await reviewLate(context, tx, delivery);
          if (found.is === 'refused') await raise(context, tx, delivery, 'submission-refused');
          return response;
        });
        await tx.jobs.change(lease, { state: 'done', result: JSON.stringify({ is: found.is }) });
        return recorded;
      });
      own.answered?.(response);
      return undefined;
    }
  }
}

/** A request for authorization that is pended has its answer; another job asks for the decision. */
async function pended(
  context: OperationContext,
  { lease, delivery, own }: Received,
  said: ClaimResponse,
): Promise<undefined> {
  const response = await context.store.transaction(async (tx) => {
    const recorded = await noteAnswer(context, tx, () =>
      record(context, tx, delivery, () => ({ response: said })),
    );
    await tx.jobs.change(lease, { state: 'done', result: JSON.stringify({ is: 'pended' }) });
    await askPended(context, tx, followed(delivery).claim);
    return recorded;
  });
  own.answered?.(response);
  return undefined;
}

const followed = ({ claim, gateway, transmission, payer }: Delivery) => ({
  ...{ claim: claim.split('/_history/')[0] ?? claim, gateway, transmission, payer },
});

/** What an answer makes is of the payer's answer, taken by this server. */
const noteAnswer = <T>(context: OperationContext, tx: Transaction, work: () => Promise<T>): Promise<T> =>
  traced(context, tx, { activity: 'answer of a payer', byServer: true }, work);

/**
 * Writes what is known of a claim, reading all else anew: the claim may have got a document since. An answer that is
 * complete stays as it is, whatever comes after it, and "nobody has answered yet" follows upon a
 * refusal only: the claim goes again.
 */
async function record(
  context: OperationContext,
  tx: Transaction,
  { claim: reference, on, notes }: Delivery,
  said: (claim: Stored<Claim>) => Pick<Answered, 'response' | 'takenBack' | 'reverses'>,
): Promise<Stored<ClaimResponse>> {
  const call = laterCall(context, tx, on);
  const claim = await currentClaim(tx, reference);
  if (isAuthorization(claim)) return recordDecision(call, claim, noted(said(claim).response, notes));
  const earlier = await answerOf(call, claim);
  const { response, takenBack, reverses = false } = said(claim);
  const isWaiting = response.outcome === 'queued' && !response.processNote;
  if (earlier?.outcome === 'complete' || (earlier?.outcome === 'queued' && isWaiting)) return earlier;
  const { submission, faults } = await readSubmission(tx, claim, { sent: true });
  if (!submission) throw new Error(`${referenceText(claim)} cannot be answered: ${JSON.stringify(faults)}`);
  return recordAnswer(call, submission, {
    response: noted(response, notes),
    ...(takenBack === undefined ? {} : { takenBack }),
    ...(reverses ? { reverses } : {}),
    ...(earlier ? { earlier } : {}),
  });
}

/** Nobody has answered the claim yet: it is queued, and has its Task `submission`. What is known already stays. */
export const recordWaiting = (
  context: OperationContext,
  tx: Transaction,
  delivery: Delivery,
): Promise<Stored<ClaimResponse>> =>
  record(context, tx, delivery, (claim) => ({ response: unanswered(claim, delivery.on, 'waiting') }));

/** A claim that its gateway had taken, and that cannot go to its payer after all. */
export async function recordRefusal(
  context: OperationContext,
  tx: Transaction,
  delivery: Delivery,
  said: (claim: Stored<Claim>) => ClaimResponse,
): Promise<void> {
  await record(context, tx, delivery, (claim) => ({ response: said(claim) }));
  await raise(context, tx, delivery, 'submission-refused');
}

async function currentClaim(tx: Transaction, reference: string): Promise<Stored<Claim>> {
  const id = parseReference(reference.split('/_history/')[0])?.id ?? '';
  const stored = await tx.read('Claim', id);
  if (!stored || stored.deleted) throw new Error(`Claim/${id} is not there`);
  noteRead(tx, stored);
  return changed(parsed<Claim>(stored), { id });
}

/** A claim of which nobody knows what became: it stays queued, and a person has to find out. */
async function stuck(
  context: OperationContext,
  tx: Transaction,
  delivery: Delivery,
  code: 'submission-unknown' | 'submission-failed',
  text?: string,
): Promise<void> {
  await noteAnswer(context, tx, async () => {
    await record(context, tx, delivery, (claim) => ({ response: unanswered(claim, delivery.on, 'stuck') }));
    await raise(context, tx, delivery, code, text);
  });
}

/** An answer to a claim that was cancelled while its payer thought is posted, for its money came: a person looks at it. */
async function reviewLate(context: OperationContext, tx: Transaction, delivery: Delivery): Promise<void> {
  const { status } = await currentClaim(tx, delivery.claim);
  if (status !== 'active') await raise(context, tx, delivery, 'answer-review');
}

const unfit = (reason: string): string =>
  `the answer of the payer is not posted: ${reason}; once it is mended there, complete this Task, and $submit asks again`;

const texts = {
  'answer-review':
    'the payer answered a claim that had been cancelled: what it decided is posted, find out what is to be done',
  'submission-unknown':
    'the payer may have the claim or not: find out, complete this Task, and $submit sends it again',
  'submission-failed':
    'the claim could not be brought to the payer: mend what is wrong, complete this Task, and $submit tries again',
  'submission-refused':
    'the payer does not judge the claim: mend what is wrong, complete this Task, and $submit sends it again',
} as const;

async function raise(
  context: OperationContext,
  tx: Transaction,
  delivery: Delivery,
  code: Extract<Work['code'], keyof typeof texts>,
  text: string = texts[code],
): Promise<void> {
  const claim = await currentClaim(tx, delivery.claim);
  const encounter = claim.item?.find((item) => item.encounter)?.encounter?.[0]?.reference;
  await raiseTask(
    { context, tx, on: delivery.on },
    {
      code,
      focus: referenceText(claim),
      detail: '',
      text,
      patient: unversionedText(claim.patient.reference) ?? '',
      encounter,
    },
  );
}
