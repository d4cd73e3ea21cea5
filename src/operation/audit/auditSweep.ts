import { setTimeout as pause } from 'node:timers/promises';
import type { Handler } from '../../job/queue.ts';
import type { Store } from '../../store/store.ts';
import type { OperationContext } from '../operation.ts';
import { takePendingEvents } from './pendingEvents.ts';
import { makeSome } from './makeEvents.ts';

export const auditSweepKind = 'audit-sweep';

/** The pause where nothing is due, and the share of time that making events takes while others wait for the server. */
const lookEvery_ms = 2000;
const timesWork = 4;
/** A server that is this busy makes none, until they have waited so long. */
const busyAt = 0.5;
const waitMax_ms = 15 * 60_000;

/** Makes the job that makes AuditEvents, once a store. */
export const startAuditSweep = async (store: Store, now: string): Promise<void> => {
  const job = { key: auditSweepKind, kind: auditSweepKind, payload: '{}', due: Date.parse(now) };
  await store.transaction((tx) => tx.jobs.enqueue(job, { reopen: true }));
};

/**
 * Makes AuditEvents of the records as a job that never ends: one server of a store holds its lease. It works while the
 * server is not busy, a little at a time, so that no request waits for it.
 */
export const auditSweep = (context: OperationContext): Handler => ({
  kind: auditSweepKind,
  run: async (lease, signal) => {
    const { store } = context;
    let idleSince = performance.eventLoopUtilization();
    let lastMade = performance.now();
    const wait = (time_ms: number): Promise<void> =>
      pause(time_ms, undefined, { signal, ref: false }).catch(() => undefined);
    while (!signal.aborted) {
      const { utilization } = performance.eventLoopUtilization(idleSince);
      idleSince = performance.eventLoopUtilization();
      const isBusy = utilization > busyAt && performance.now() - lastMade < waitMax_ms;
      await takePendingEvents(store).catch((error: unknown) => context.failed?.(error));
      const began = performance.now();
      const hasMade =
        !isBusy &&
        (await makeSome(context).catch((error: unknown) => {
          context.failed?.(error); // with the next look
          return false;
        }));
      if (!isBusy) lastMade = performance.now();
      await wait(hasMade ? (performance.now() - began) * timesWork : lookEvery_ms);
    }
    const due = Date.parse(context.now());
    await store.transaction((tx) => tx.jobs.change(lease, { state: 'due', due }));
    return undefined;
  },
  giveUp: () => Promise.resolve(),
});
