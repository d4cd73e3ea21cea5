import { setTimeout as pause } from 'node:timers/promises';
import { runJob, type Handler } from '../../job/queue.ts';
import type { Lease } from '../../store/job.ts';
import type { OperationContext } from '../operation.ts';

/** How long an answer is waited for where no setting says so, and how often a job of others is looked at; milliseconds. */
const waitUsually = 10_000;
const lookFirst = 10;
const lookMax = 250;

/** Does a job within the request that holds its lease; resolves when it is done or was put off. */
export const workLeased = (context: OperationContext, handler: Handler, lease: Lease): Promise<void> =>
  runJob(
    {
      store: context.store,
      now: () => Date.parse(context.now()),
      random: Math.random,
      failed: context.failed ?? (() => undefined),
    },
    handler,
    lease,
  );

/** The moment, on the clock of `performance`, until which a request waits for what its job brings. */
export const waitsUntil = ({ submitWait }: OperationContext): number =>
  performance.now() + (submitWait ?? waitUsually);

/** Waits for work until a moment; the work goes on after that. */
export async function inTime(
  work: Promise<void>,
  until: number,
  { background }: OperationContext,
): Promise<void> {
  background?.(work);
  const late = new AbortController();
  const ms = Math.max(0, until - performance.now());
  const waited = pause(ms, undefined, { signal: late.signal }).catch(() => undefined);
  await Promise.race([work, waited]);
  late.abort();
}

/** Looks until a moment, ever less often, at a job that others may be at; ends with the first answer that is not undefined. */
export async function lookUntil<T>(
  until: number,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  for (let wait = lookFirst; performance.now() < until; wait = Math.min(2 * wait, lookMax)) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await pause(Math.max(0, Math.min(wait, until - performance.now())));
  }
  return undefined;
}
