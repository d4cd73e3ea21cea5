import type { CoverageEligibilityResponse } from '@medplum/fhirtypes';
import { changed } from '../../datatypes/json.ts';
import { parseReference, referenceTo } from '../../datatypes/reference.ts';
import type { EligibilitySaid } from '../../gateway/gateway.ts';
import { readResource } from '../../interaction/repository.ts';
import type { Handler } from '../../job/queue.ts';
import type { Lease } from '../../store/job.ts';
import type { Transaction } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';
import type { Call, OperationContext } from '../operation.ts';
import { traced } from '../origin/traced.ts';
import { laterCall } from '../submission/delivery.ts';
import { holderOf } from '../uniqueKey.ts';
import { eligibilityKey } from './keys.ts';
import { askingKind, lastAttempt, questionOf, type Asking, type Request } from './asking.ts';
import { waitForEligibility, type Response } from './recordEligibility.ts';
import { askAgain, settle } from './settle.ts';

/** Until then an answer that comes by itself is waited for; milliseconds. */
const answerWithin = 4 * 3_600_000;
const awaitedMark = JSON.stringify({ is: 'awaited' });

/** What whoever made the job wants to know. */
export interface Own {
  readonly answered?: (response: Response) => void;
}

/**
 * Asks a payer about eligibility, outside of any transaction, and keeps what it says. Asked twice it does no harm: a
 * job that was cut off asks again.
 */
export const eligibilityAsking = (context: OperationContext, own: Own = {}): Handler => ({
  kind: askingKind,
  run: async (lease) => {
    const asking = askingOf(lease);
    if (lease.job.result !== undefined) return overdue(context, lease, asking);
    const said = await ask(context, asking);
    const response = await context.store.transaction((tx) =>
      traced(context, tx, { activity: 'answer of a payer', byServer: true }, async () => {
        const taken = await take(context, tx, asking, said);
        const due = Date.parse(context.now()) + answerWithin;
        const awaits = said.is === 'awaited';
        await tx.jobs.change(lease, awaits ? { state: 'due', due, result: awaitedMark } : { state: 'done' });
        return taken;
      }),
    );
    own.answered?.(response);
    return undefined;
  },
  giveUp: async (tx, lease) => {
    await take(context, tx, { ...askingOf(lease), left: 0 }, { is: 'unknown' });
  },
});

const askingOf = ({ job }: Lease): Asking => JSON.parse(job.payload) as Asking;

async function ask(context: OperationContext, asking: Asking): Promise<EligibilitySaid> {
  const gateway = context.gateways?.(asking.gateway, context);
  if (!gateway?.askEligibility) throw new Error(`there is no gateway ${asking.gateway} that asks`);
  try {
    return await gateway.askEligibility(await questionOf(context.store, asking));
  } catch (error) {
    context.failed?.(error);
    return { is: 'unknown' };
  }
}

/** No answer came in time: it is asked again, or there is none. */
async function overdue(context: OperationContext, lease: Lease, asking: Asking): Promise<undefined> {
  const [request = ''] = asking.request.split('/_history/');
  await context.store.transaction(async (tx) => {
    const isWaiting = (await holderOf(tx, eligibilityKey('open', request))) !== undefined;
    if (isWaiting && (await lastAttempt(tx, request)) === asking.attempt)
      await take(context, tx, asking, { is: 'unknown' });
    await tx.jobs.change(lease, { state: 'done' });
  });
  return undefined;
}

async function take(
  context: OperationContext,
  tx: Transaction,
  asking: Asking,
  said: EligibilitySaid,
): Promise<Response> {
  const call = laterCall(context, tx, asking.on);
  const request = await currentRequest(tx, asking);
  switch (said.is) {
    case 'answer':
      return settle(call, request, { response: said.response, asking });
    case 'awaited':
      return waitForEligibility(call, request);
    case 'unknown':
      if (asking.left === 0) return settle(call, request, { response: silent(call, request) });
      await askAgain(call, asking);
      return waitForEligibility(call, request);
    case 'refused':
    case 'unfit':
      return settle(call, request, { response: notTaken(call, request), reason: said.reason });
  }
}

/** The request as it is now: what refers to it does not depend on the version that was asked. */
async function currentRequest(tx: Transaction, { request }: Asking): Promise<Request> {
  const id = parseReference(request.split('/_history/')[0])?.id ?? '';
  return changed(await readResource<Request>(tx, 'CoverageEligibilityRequest', id), { id });
}

const noAnswer = (
  { on }: Call,
  request: Request,
  disposition: string,
  code: string,
): CoverageEligibilityResponse => ({
  ...({ resourceType: 'CoverageEligibilityResponse', status: 'active', outcome: 'error' } as const),
  ...{ purpose: request.purpose, patient: request.patient, insurer: request.insurer, created: on },
  request: referenceTo(request),
  disposition,
  error: [{ code: { coding: [{ system: system.x12RejectReason, code }], text: disposition } }],
});

/** 80: no response received. */
const silent = (call: Call, request: Request): CoverageEligibilityResponse =>
  noAnswer(call, request, 'The payer did not answer', '80');

/** 42: unable to respond; why, is said by the Task. */
const notTaken = (call: Call, request: Request): CoverageEligibilityResponse =>
  noAnswer(call, request, 'The payer was not asked, or its answer was not taken over: a Task says why', '42');
