import type { CoverageEligibilityRequest, CoverageEligibilityResponse } from '@medplum/fhirtypes';
import { dateInZone } from '../../datatypes/date.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference } from '../../datatypes/reference.ts';
import type { Awaited } from '../../interaction/rest/answer.ts';
import { readResource } from '../../interaction/repository.ts';
import { asServer } from '../../store/access/asServer.ts';
import { openStates, type Lease } from '../../store/job.ts';
import { inTime, lookUntil, waitsUntil, workLeased } from '../call/leased.ts';
import type { OperationContext } from '../operation.ts';
import { laterCall } from '../submission/delivery.ts';
import { holderOf } from '../uniqueKey.ts';
import { eligibilityKey } from './keys.ts';
import { askingKey, askingKind, lastAttempt, questionOf } from './asking.ts';
import { eligibilityAsking, type Own } from './askingJob.ts';
import { finished, notYet, waitForEligibility, type Response } from './recordEligibility.ts';
import type { AskingBegun } from './submitEligibility.ts';

/** What $submit answers once the payer has answered. */
export const awaitingEligibility = (begun: AskingBegun): Awaited => ({
  awaited: JSON.stringify({ request: begun.request }),
  ...(begun.asking ? { begun } : {}), // others may be at the rest
});

/** Asks the payer and waits for its answer; queued where none came in time. */
export async function awaitEligibility(
  given: OperationContext,
  { awaited, begun }: Awaited,
  dryRun: boolean,
): Promise<CoverageEligibilityResponse> {
  // Who may see the request was judged by the first transaction; what follows is the server's own doing.
  const context = { ...given, store: asServer(given.store) };
  const { request } = JSON.parse(awaited) as { readonly request: string };
  const known = (begun as AskingBegun | undefined) ?? { request };
  return dryRun ? foreseen(context, known) : eligibilityOf(context, known);
}

/** What the payer would answer, where its gateway can tell; what it has answered, where it has. */
async function foreseen(
  { store, gateways, ...context }: OperationContext,
  { request: name, asking }: AskingBegun,
): Promise<CoverageEligibilityResponse> {
  const id = parseReference(name)?.id ?? '';
  const stored = await readResource<CoverageEligibilityRequest>(store, 'CoverageEligibilityRequest', id);
  const request = changed(stored, { id });
  if (asking) {
    const gateway = gateways?.(asking.gateway, { ...context, store });
    const said = await gateway?.foreseeEligibility?.(await questionOf(store, asking));
    if (said?.is === 'answer') return finished(request, said.response);
  }
  return (
    (await holderOf(store, eligibilityKey('last', name))) ??
    finished(request, notYet(request, request.created))
  );
}

/** The answer to a request that is asked now: by this process, or by another one that took it up. */
export async function eligibilityOf(
  context: OperationContext,
  { request, lease }: AskingBegun,
): Promise<Response> {
  const until = waitsUntil(context);
  let answer: Response | undefined;
  const own: Own = {
    answered: (response) => {
      answer = response;
    },
  };
  if (lease) await inTime(workLeased(context, eligibilityAsking(context, own), lease), until, context);
  if (answer && isToAnswer(answer, lease)) return answer;
  const { store } = context;
  const seen = await lookUntil(until, async () => {
    const last = await holderOf(store, eligibilityKey('last', request));
    if (last && last.outcome !== 'queued') return last;
    const key = askingKey(request, await lastAttempt(store, request));
    const job = await store.jobs.read(key);
    if (!job || !openStates.includes(job.state)) return 'over';
    const [taken] = await store.jobs.take({ kinds: [askingKind], count: 1, key });
    if (taken) await inTime(workLeased(context, eligibilityAsking(context, own), taken), until, context);
    return undefined;
  });
  if (seen !== undefined && seen !== 'over') return seen;
  return (await holderOf(store, eligibilityKey('last', request))) ?? queued(context, request);
}

/** What waits for the next file of a trading partner is not waited for here; an answer over HTTPS is. */
function isToAnswer(answer: Response, lease: Lease | undefined): boolean {
  if (answer.outcome !== 'queued') return true;
  const gateway = lease && (JSON.parse(lease.job.payload) as { readonly gateway: string }).gateway;
  return gateway === 'x12-directory' || gateway === 'x12-sftp';
}

/** No answer came in time: it is queued. One that came just now is it. */
const queued = (context: OperationContext, name: string): Promise<Response> =>
  context.store.transaction(async (tx) => {
    const known = await holderOf(tx, eligibilityKey('last', name));
    if (known) return known;
    const id = parseReference(name)?.id ?? '';
    const request = await readResource<CoverageEligibilityRequest>(tx, 'CoverageEligibilityRequest', id);
    const on = dateInZone(context.now(), context.timeZone);
    return waitForEligibility(laterCall(context, tx, on), changed(request, { id }));
  });
