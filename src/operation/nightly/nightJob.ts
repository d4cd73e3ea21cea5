import { dateInZone } from '../../datatypes/date.ts';
import { afterOthers } from '../../interaction/breather.ts';
import type { Handler } from '../../job/queue.ts';
import type { Lease } from '../../store/job.ts';
import type { Transaction } from '../../store/store.ts';
import type { OperationContext } from '../operation.ts';
import { raiseTask } from '../worklist/task.ts';
import { laterCall } from '../submission/delivery.ts';
import { referenceOf } from './inPages.ts';
import type { Night, NightlyWork } from './nightly.ts';

export const nightKind = 'nightly';

/** The hour of the day, where the practice is, at which a night's work begins. */
const beginsAt_h = 2;
const hour = 3_600_000;
const quarter = hour / 4;

/** The pause after which work goes on that could not: a night is never given up. Milliseconds. */
const tryAgainAfter = quarter;

/** How many items are read at a time, and how long one transaction of theirs lasts at most. */
const pageOf = 100;
const transactionLasts_ms = 20;

/** Which work a job does. A person may ask for it between two nights. */
interface Payload {
  readonly work: string;
  readonly isAsked?: boolean;
}

/** How far a job is, kept with it: the night, and the last item that was done. */
export interface Progress {
  readonly date: string;
  readonly after?: string;
  readonly done: number;
  readonly failed: number;
  readonly isOver?: boolean;
}

export const nightKey = (work: string): string => `${nightKind}|${work}`;
export const askedKey = (work: string): string => `${nightKind}|${work}|asked`;

export const progressOf = (result: string | undefined): Progress | undefined =>
  result === undefined ? undefined : (JSON.parse(result) as Progress);

/** The business date at an instant: the day has begun when its night's work may begin. */
export const nightDate = ({ timeZone }: Pick<OperationContext, 'timeZone'>, at_ms: number): string =>
  dateInZone(new Date(at_ms - beginsAt_h * hour).toISOString(), timeZone);

/** When the next night's work begins; epoch milliseconds. */
export function nextNight(context: Pick<OperationContext, 'timeZone'>, now_ms: number): number {
  const today = nightDate(context, now_ms);
  let at = Math.floor(now_ms / quarter) * quarter;
  do at += quarter;
  while (nightDate(context, at) <= today);
  return at;
}

/** Makes the jobs of every kind of nightly work, once a store; the first night is the next one. */
export async function startNights(
  context: Pick<OperationContext, 'store' | 'now' | 'timeZone'>,
  works: readonly NightlyWork[],
): Promise<void> {
  const due = nextNight(context, Date.parse(context.now()));
  await context.store.transaction(async (tx) => {
    for (const { code } of works) {
      const known = (await tx.jobs.read(nightKey(code)))?.result;
      const kept = known === undefined ? {} : { result: known };
      const payload = JSON.stringify({ work: code } satisfies Payload);
      await tx.jobs.enqueue(
        { key: nightKey(code), kind: nightKind, payload, due, ...kept },
        { reopen: true },
      );
    }
  });
}

/**
 * Makes the job that a person asks for; leased at once where whoever asks does it (`isOwn`). Undefined where it is not
 * theirs to do, or one is at work.
 */
export async function askFor(
  tx: Transaction,
  { work, now, isOwn }: { readonly work: string; readonly now: number; readonly isOwn: boolean },
): Promise<Lease | undefined> {
  const payload = JSON.stringify({ work, isAsked: true } satisfies Payload);
  const job = { key: askedKey(work), kind: nightKind, payload, due: now };
  if (isOwn) return tx.jobs.begin(job, { reopen: true });
  await tx.jobs.enqueue(job, { reopen: true });
  return undefined;
}

/**
 * Does a night's work: items in pages, a few in each transaction, with the cursor in the same one. Requests are served
 * between any two transactions. Who takes the job over goes on behind the last item. An item that fails is left for
 * the next night, with a Task; where the store or the search for items fails, all of it waits a while and goes on. The
 * clock may jump: a day that lies behind the last one that was done is not done.
 */
export const nightly = (context: OperationContext, works: readonly NightlyWork[]): Handler => ({
  kind: nightKind,
  alone: true,
  run: async (lease, signal) => {
    const { store } = context;
    const { work: code, isAsked = false } = JSON.parse(lease.job.payload) as Payload;
    const work = works.find((w) => w.code === code);
    const before = progressOf(lease.job.result);
    const now = Date.parse(context.now());
    const today = nightDate(context, now);
    const from = begun(before, today, isAsked);
    const told = (error: unknown): undefined => {
      if (isAsked) throw error; // is tried again as other jobs are, and given up
      context.failed?.(error);
    };
    const progress = work ? await throughItems({ context, lease, work, signal }, from).catch(told) : from;
    if (progress === undefined) {
      const due = now + tryAgainAfter; // from where it was
      await store.transaction((tx) => tx.jobs.change(lease, { state: 'due', due }));
      return undefined;
    }
    if (signal.aborted && progress.isOver !== true) {
      await store.transaction((tx) => tx.jobs.change(lease, { state: 'due', due: now }));
      return undefined;
    }
    const result = JSON.stringify({ ...progress, isOver: true } satisfies Progress);
    const end = isAsked
      ? ({ state: 'done', result } as const)
      : ({ state: 'due', due: nextNight(context, now), attempts: 0, result } as const);
    await store.transaction((tx) => tx.jobs.change(lease, end));
    return undefined;
  },
  giveUp: () => Promise.resolve(), // only of what a person asked for, who sees it
});

/** Where a job goes on: in the middle of the night it was left in, or at the beginning of today's. */
function begun(before: Progress | undefined, today: string, isAsked: boolean): Progress {
  const isLeft = before !== undefined && before.isOver !== true;
  if (isLeft && before.date === today) return before;
  if (!isAsked && before !== undefined && before.date >= today) return { ...before, isOver: true };
  return { date: today, done: 0, failed: 0 };
}

interface Working {
  readonly context: OperationContext;
  readonly lease: Lease;
  readonly work: NightlyWork;
  readonly signal: AbortSignal;
}

async function throughItems(working: Working, from: Progress): Promise<Progress> {
  const { context, work, signal } = working;
  const isStopped = (): boolean => signal.aborted;
  let progress = from;
  while (progress.isOver !== true && !isStopped()) {
    const night: Night = { date: progress.date };
    const items = await work.next(context, night, { after: progress.after, count: pageOf });
    if (items.length === 0) return { ...progress, isOver: true };
    for (let i = 0; i < items.length;) {
      if (isStopped()) return progress;
      const { count, isFailed } = await someItems(working, progress, items.slice(i));
      progress = {
        ...progress,
        after: items[i + count - 1] ?? '',
        done: progress.done + (isFailed ? 0 : count),
        failed: progress.failed + (isFailed ? 1 : 0),
      };
      i += count;
      await afterOthers();
    }
  }
  return progress;
}

/** Does items in one transaction until it has lasted long enough; one that fails is told of by itself. */
async function someItems(
  working: Working,
  progress: Progress,
  items: readonly string[],
): Promise<{ readonly count: number; readonly isFailed: boolean }> {
  const { context, lease, work } = working;
  const night: Night = { date: progress.date };
  let fault: unknown;
  for (const countMax of [items.length, 1]) {
    try {
      const count = await context.store.transaction(async (tx) => {
        const since = performance.now();
        let done = 0;
        do {
          await work.one(context, tx, items[done] ?? '', night);
          done += 1;
        } while (done < countMax && performance.now() - since < transactionLasts_ms);
        const after = items[done - 1] ?? '';
        const kept: Progress = { ...progress, after, done: progress.done + done };
        await tx.jobs.change(lease, { state: 'leased', result: JSON.stringify(kept) });
        return done;
      });
      return { count, isFailed: false };
    } catch (error) {
      fault = error; // once more, the first one alone
    }
  }
  context.failed?.(fault);
  const item = items[0] ?? '';
  await context.store.transaction(async (tx) => {
    await tellOfFailure(context, tx, { code: work.code, item, date: night.date });
    const kept: Progress = { ...progress, after: item, failed: progress.failed + 1 };
    await tx.jobs.change(lease, { state: 'leased', result: JSON.stringify(kept) });
  });
  return { count: 1, isFailed: true };
}

const tellOfFailure = (
  context: OperationContext,
  tx: Transaction,
  { code, item, date }: { readonly code: string; readonly item: string; readonly date: string },
): Promise<void> =>
  raiseTask(laterCall(context, tx, date), {
    code: 'nightly-failed',
    focus: referenceOf(item),
    detail: code,
    text: `the nightly work ${code} could not be done here: it is tried again every night`,
  });
