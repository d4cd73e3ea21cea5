import type { Bundle, Claim, ClaimResponse } from '@medplum/fhirtypes';
import { unanswered } from '../../billing/submission/unanswered.ts';
import { dateInZone, dateOf } from '../../datatypes/date.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference } from '../../datatypes/reference.ts';
import type { Awaited } from '../../interaction/rest/answer.ts';
import { readResource } from '../../interaction/repository.ts';
import { asServer } from '../../store/access/asServer.ts';
import { isAuthorization, recordDecision } from '../authorization/recordDecision.ts';
import { inTime, lookUntil, waitsUntil, workLeased } from '../call/leased.ts';
import type { OperationContext } from '../operation.ts';
import { holderOf, responseKey, submissionJobKey } from '../uniqueKey.ts';
import { claimDelivery, type Own } from './delivery.ts';
import { laterCall } from './laterCall.ts';
import { deliveryKind, deliveryOf } from './handedOver.ts';
import { isOnItsWay, queue, type Begun } from './handOver.ts';
import { noted } from './noted.ts';
import { readSubmission } from './submission.ts';

type Stored<T> = T & { id: string };
type Answer = Stored<ClaimResponse>;

interface Waiting {
  readonly claims: readonly string[];
  readonly isBundle: boolean;
}

/** What $submit answers once the payers of these claims have answered. */
export const awaiting = (claims: readonly string[], isBundle: boolean, begun: readonly Begun[]): Awaited => ({
  awaited: JSON.stringify({ claims, isBundle } satisfies Waiting),
  begun: begun.filter(({ transmission }) => transmission), // others may be at the rest
});

/**
 * Brings the claims that were begun to their payers and waits for the answers, also for those that others bring: a
 * ClaimResponse each, queued where none came in time. Claims of one Bundle go in their order.
 */
export async function awaitAnswers(
  given: OperationContext,
  { awaited, begun: own }: Awaited,
  dryRun: boolean,
): Promise<ClaimResponse | Bundle> {
  // Who may see the claim was judged by the first transaction; what follows is the server's own doing.
  const context = { ...given, store: asServer(given.store) };
  const { claims, isBundle } = JSON.parse(awaited) as Waiting;
  const begun = new Map(((own ?? []) as readonly Begun[]).map((b) => [b.claim, b] as const));
  const until = waitsUntil(context);
  const answers: ClaimResponse[] = [];
  for (const claim of claims) {
    const known = begun.get(claim) ?? { claim };
    answers.push(dryRun ? await foreseen(context, known) : await answerTo(context, known, until));
  }
  const [only] = answers;
  return !isBundle && only ? only : bundleOf(context, answers);
}

/** The answers to a Bundle of Claims, in their order. */
export const bundleOf = (
  { publicUrl }: OperationContext,
  answers: readonly ClaimResponse[],
): Bundle<ClaimResponse> => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: answers.map((resource) => ({
    fullUrl: `${publicUrl}/ClaimResponse/${resource.id ?? ''}`,
    resource,
  })),
});

/** What the payer would answer, where its gateway can tell; of a claim that is on its way, what is known of it. */
async function foreseen(
  { store }: OperationContext,
  { claim: reference, transmission, gateway, notes = [] }: Begun,
): Promise<ClaimResponse> {
  if (transmission) {
    const said = await gateway?.foresee?.(transmission);
    return noted(said?.response ?? unanswered(transmission.claim, transmission.sentOn, 'waiting'), notes);
  }
  const known = await holderOf(store, responseKey(reference));
  if (known) return known;
  const claim = await readResource<Claim>(store, 'Claim', parseReference(reference)?.id ?? '');
  return unanswered(claim, dateOf(claim.created), 'waiting');
}

async function answerTo(context: OperationContext, begun: Begun, until: number): Promise<Answer> {
  const key = submissionJobKey(begun.claim);
  let answer: Answer | undefined;
  const { transmission } = begun;
  const own: Own = {
    answered: (response) => {
      answer = response;
    },
  };
  if (begun.lease) {
    const handler = claimDelivery(context, transmission ? { ...own, transmission } : own);
    await inTime(workLeased(context, handler, begun.lease), until, context);
    if (answer) return answer;
  }
  const seen = await lookUntil(until, async () => {
    if (!isOnItsWay(await context.store.jobs.read(key))) return 'over';
    const [lease] = await context.store.jobs.take({ kinds: [deliveryKind], count: 1, key });
    if (lease) await inTime(workLeased(context, claimDelivery(context, own), lease), until, context);
    return answer;
  });
  if (seen !== undefined && seen !== 'over') return seen;
  return (await holderOf(context.store, responseKey(begun.claim))) ?? queued(context, begun);
}

/** No answer came in time: the claim is queued. One that came just now is it. */
const queued = (context: OperationContext, { claim: reference, notes }: Begun): Promise<Answer> =>
  context.store.transaction(async (tx) => {
    const known = await holderOf(tx, responseKey(reference));
    if (known) return known;
    const id = parseReference(reference)?.id ?? '';
    const claim = await readResource<Claim>(tx, 'Claim', id);
    const job = await tx.jobs.read(submissionJobKey(reference));
    const on = job ? deliveryOf(job).on : dateInZone(context.now(), context.timeZone);
    const call = laterCall(context, tx, on);
    if (isAuthorization(claim))
      return recordDecision(call, changed(claim, { id }), unanswered(claim, on, 'waiting'));
    const { submission, faults } = await readSubmission(tx, changed(claim, { id }), { sent: true });
    if (!submission) throw new Error(`${reference} cannot be queued: ${JSON.stringify(faults)}`);
    return queue(call, submission, 'waiting', notes ?? (job && deliveryOf(job).notes));
  });
