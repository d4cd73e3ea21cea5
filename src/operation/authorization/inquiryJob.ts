import type { Claim, Organization } from '@medplum/fhirtypes';
import { isUndecided } from '../../billing/authorization/review.ts';
import { refused } from '../../billing/submission/unanswered.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import type { Found } from '../../gateway/gateway.ts';
import { resolve } from '../../interaction/repository.ts';
import type { Handler } from '../../job/queue.ts';
import { openStates } from '../../store/job.ts';
import type { Transaction } from '../../store/store.ts';
import { extension } from '../../terminology/system.ts';
import type { OperationContext } from '../operation.ts';
import { traced } from '../origin/traced.ts';
import { standingAnswer } from '../submission/answers.ts';
import { laterCall } from '../submission/laterCall.ts';
import { deliveryOf } from '../submission/handedOver.ts';
import { submissionJobKey } from '../uniqueKey.ts';
import { raiseNoAnswer } from '../worklist/noAnswer.ts';
import { raiseTask } from '../worklist/task.ts';
import { recordDecision, review } from './recordDecision.ts';

export const authorizationInquiryKind = 'authorization-inquiry';
const keyOf = (claim: string): string => `${authorizationInquiryKind}|${claim}`;

/** Pauses between questions to a payer that answers at once; they double. Milliseconds. */
const pauseFirst = 1000;
const pauseMax = 900_000;
/** The days after which a payer that is asked by interchange is asked, where nothing is said of it. */
const usualDays = 7;
const day_ms = 86_400_000;

interface Inquiry {
  readonly claim: string; // Claim/1
  readonly asked: number; // how often
}

/** Makes the job that asks a payer for its decision on a request that it has and has not decided. */
export async function askLater(tx: Transaction, claim: string, due: number): Promise<void> {
  const payload = JSON.stringify({ claim, asked: 0 } satisfies Inquiry);
  await tx.jobs.enqueue(
    { key: keyOf(claim), kind: authorizationInquiryKind, payload, due },
    { reopen: true },
  );
}

/** When a payer that has just pended a request is asked first: soon, or after its usual days where it is asked by X12. */
export async function askPended(context: OperationContext, tx: Transaction, claim: string): Promise<void> {
  const job = await tx.jobs.read(submissionJobKey(claim));
  const delivery = job && deliveryOf(job);
  const gateway = delivery && context.gateways?.(delivery.gateway, context);
  const now = Date.parse(context.now());
  const pause = gateway?.inquire ? (await daysOf(tx, delivery?.payer)) * day_ms : pauseFirst;
  await askLater(tx, claim, now + pause);
}

async function daysOf(tx: Transaction, payer: string | undefined): Promise<number> {
  const found = await resolve<Organization>(tx, 'Organization', { reference: payer ?? '' });
  return extensionOf(found, extension.usualAnswerDays)?.valuePositiveInt ?? usualDays;
}

/**
 * Asks for the decision on a request that is pended, or not answered, until there is one: by $inquire of PAS, of the
 * simulator, or by the inquiry of X12 (278 X215), whose answer comes as a file. No subscription of the payer is needed.
 */
export const authorizationInquiry = (context: OperationContext): Handler => ({
  kind: authorizationInquiryKind,
  run: async (lease) => {
    const { store } = context;
    const { claim: name, asked } = JSON.parse(lease.job.payload) as Inquiry;
    const claim = await resolve<Claim>(store, 'Claim', { reference: name });
    const answer = await standingAnswer(store, name);
    const job = await store.jobs.read(submissionJobKey(name));
    const isOpen =
      claim?.status === 'active' && (answer === undefined || isUndecided(answer)) && job !== undefined;
    // while it is sent once more its own job asks
    if (!isOpen || openStates.includes(job.state)) {
      await store.transaction((tx) => tx.jobs.change(lease, { state: 'done' }));
      return undefined;
    }
    const delivery = deliveryOf(job);
    const gateway = context.gateways?.(delivery.gateway, context);
    if (gateway?.inquire) await gateway.inquire(delivery.transmission);
    const found = gateway && !gateway.inquire ? await gateway.find(delivery.transmission) : undefined;
    await store.transaction(async (tx) => {
      const call = laterCall(context, tx, delivery.on);
      const step = { activity: 'answer of a payer', byServer: true } as const;
      const isDecided = found
        ? await traced(context, tx, step, () => take(call, name, found))
        : await told(call, claim);
      const tries = (JSON.parse(lease.job.result ?? '{"asked":0}') as { asked: number }).asked + 1 + asked;
      const pause = found
        ? Math.min(pauseMax, pauseFirst * 2 ** Math.min(20, tries))
        : (await daysOf(tx, delivery.payer)) * day_ms;
      const due = Date.parse(context.now()) + pause;
      const result = JSON.stringify({ asked: tries });
      await tx.jobs.change(lease, isDecided ? { state: 'done' } : { state: 'due', due, attempts: 0, result });
    });
    return undefined;
  },
  giveUp: (tx, lease) => {
    const { claim } = JSON.parse(lease.job.payload) as Inquiry;
    return raiseTask(laterCall(context, tx, context.now().slice(0, 10)), {
      ...{ code: 'authorization-review', focus: claim, detail: 'inquiry' },
      text: 'the payer cannot be asked for its decision: ask it by telephone, and $submit the request again',
    });
  },
});

type Calling = ReturnType<typeof laterCall>;

/** Writes what the payer says now; true when there is nothing more to ask. */
async function take(call: Calling, name: string, found: Found): Promise<boolean> {
  const read = await resolve<Claim>(call.tx, 'Claim', { reference: name });
  if (read?.id === undefined) return true;
  const claim = changed(read, { id: read.id });
  switch (found.is) {
    case 'answer':
      await recordDecision(call, claim, found.response);
      return !isUndecided(found.response);
    case 'accepted':
      if (found.pended) await recordDecision(call, claim, found.pended);
      return false;
    case 'refused':
      await recordDecision(call, claim, refused(claim, call.on, found.reason));
      await review(call, claim, 'the payer does not decide on it: mend what is wrong and ask anew');
      return true;
    case 'unfit':
      await review(call, claim, 'what the payer answers cannot be taken: ask it what it has decided');
      return false;
    case 'unknown':
    case 'awaited':
    case 'absent':
    case 'cannot-tell':
      return false;
  }
}

/** A person is told that the payer takes its time; the answer to the inquiry comes by itself. */
async function told(call: Calling, claim: Claim): Promise<boolean> {
  const text =
    'the payer has not decided on the request for authorization in its usual time: it is asked by itself where it can be, else by telephone';
  await raiseNoAnswer(call, claim, { text, detail: '' });
  return false;
}
