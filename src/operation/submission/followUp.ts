import type { Claim, Organization } from '@medplum/fhirtypes';
import { dateInZone } from '../../datatypes/date.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { resolve } from '../../interaction/repository.ts';
import type { Handler } from '../../job/queue.ts';
import type { Transaction } from '../../store/store.ts';
import { extension } from '../../terminology/system.ts';
import { lifeOf } from '../claim/claimLife.ts';
import type { Call, OperationContext } from '../operation.ts';
import { followUpJobKey, submissionJobKey } from '../uniqueKey.ts';
import { raiseNoAnswer } from '../worklist/noAnswer.ts';
import { deliveryOf } from './handedOver.ts';

export const followUpKind = 'claim-follow-up';

/** The days in which a payer usually answers, where nothing is said of it. */
const usualDays = 30;
/** The days in which a payer usually answers. */
export const usualDaysOf = (payer: Organization | undefined): number =>
  extensionOf(payer, extension.usualAnswerDays)?.valuePositiveInt ?? usualDays;
const day_ms = 86_400_000;

/** What a job of this kind is about; without anything from the chart. */
interface FollowUp {
  readonly claim: string; // Claim/1
  readonly gateway: string; // its code
  readonly transmission: string;
  readonly days: number;
}

/**
 * Makes the job that asks after a claim which was sent and is not answered; one for each claim, begun anew where the claim
 * goes again after an answer.
 */
export async function followUp(
  { tx }: Pick<Call, 'tx'>,
  of: Omit<FollowUp, 'days'> & {
    readonly payer: string;
    readonly now: string;
    readonly days?: number; // default the usual ones of the payer
  },
): Promise<void> {
  const { payer, now, days: given, ...about } = of;
  const days = given ?? usualDaysOf(await resolve<Organization>(tx, 'Organization', { reference: payer }));
  const payload = JSON.stringify({ ...about, days } satisfies FollowUp);
  const due = Date.parse(now) + days * day_ms;
  const key = followUpJobKey(of.claim);
  await tx.jobs.enqueue({ key, kind: followUpKind, payload, due }, { reopen: true });
}

/** States in which the payer still owes an answer. */
const owed: readonly string[] = [
  'brought-forward',
  'scrubbed',
  'sent',
  'acknowledged',
  'accepted',
  'reversed',
];

/**
 * Asks after claims without an answer: a Task for a person, and a question to the payer where its gateway can ask (276).
 * It comes again after the same days, until there is an answer.
 */
export const claimFollowUp = (context: OperationContext): Handler => ({
  kind: followUpKind,
  run: async (lease) => {
    const { store } = context;
    const about = JSON.parse(lease.job.payload) as FollowUp;
    const end = async (tx: Transaction, { days }: Next): Promise<void> => {
      const due = Date.parse(context.now()) + days * day_ms;
      await tx.jobs.change(lease, days > 0 ? { state: 'due', due, attempts: 0 } : { state: 'done' });
    };
    const next = await store.transaction(async (tx) => {
      const next = (await released(context, tx, about)) ?? (await askPeople(context, tx, about));
      if (!next.isAsked) await end(tx, next);
      return next;
    });
    if (!next.isAsked) return undefined;
    // the claim may have been sent again since
    const job = await store.jobs.read(submissionJobKey(about.claim));
    const { gateway, transmission } = job ? deliveryOf(job) : about;
    // What a former system sent is known to no gateway here. The job ends after the question: who takes it over from a
    // server that was killed asks again, and the gateway asks once a day.
    if (gateway !== '') await context.gateways?.(gateway, context)?.inquire?.(transmission);
    await store.transaction((tx) => end(tx, next));
    return undefined;
  },
  giveUp: () => Promise.resolve(),
});

/** When the job comes again (0: never), and whether the payer is to be asked. */
interface Next {
  readonly days: number;
  readonly isAsked: boolean;
}

const done: Next = { days: 0, isAsked: false };

/**
 * A draft that its payer got from the payer before, and did not answer in time, is free to be sent by us: a person is told
 * so, once. Undefined for every other claim.
 */
async function released(
  context: OperationContext,
  tx: Transaction,
  { claim: reference, days }: FollowUp,
): Promise<Next | undefined> {
  const claim = await resolve<Claim>(tx, 'Claim', { reference });
  const until = extensionOf(claim, extension.crossedOver)?.valueDate;
  if (claim?.status !== 'draft' || until === undefined) return undefined;
  const today = dateInZone(context.now(), context.timeZone);
  if (today < until) return { days: 1, isAsked: false };
  await raise(
    { context, tx },
    claim,
    `the payer before sent the claim on, and it was not answered in ${days.toString()} days: $submit sends it`,
  );
  return done;
}

async function askPeople(
  context: OperationContext,
  tx: Transaction,
  { claim: reference, days }: FollowUp,
): Promise<Next> {
  const found = await resolve<Claim>(tx, 'Claim', { reference });
  if (found?.id === undefined) return done;
  const claim = changed(found, { id: found.id });
  const { state } = await lifeOf(tx, claim);
  if (!owed.includes(state)) return done;
  const text =
    state === 'reversed'
      ? `the payer took its answer back and has not corrected it in ${days.toString()} days: ask it for the correction`
      : `the payer has not answered in ${days.toString()} days: ask it where the claim stands`;
  await raise({ context, tx }, claim, text);
  return { days, isAsked: true };
}

async function raise(
  { context, tx }: Pick<Call, 'context' | 'tx'>,
  claim: Claim,
  text: string,
): Promise<void> {
  await raiseNoAnswer({ context, tx, on: context.now().slice(0, 10) }, claim, { text, detail: '' });
}
