import { setTimeout as pause } from 'node:timers/promises';
import type { Handler } from '../../job/queue.ts';
import type { Store } from '../../store/store.ts';
import type { OperationContext } from '../operation.ts';
import { passAll } from '../label/passAll.ts';
import { lookBack, sweepChart, type Watermark } from './sweepChart.ts';

export const sweepKind = 'chart-sweep';
/** The pause between two looks at the chart; milliseconds. */
const sweepEvery = 2000;
/** Most looks go back a little only: what is seen late is found by every fifth, which goes back all the way. */
const lookBackUsually = 2000;
const wholeEvery = 5;

/** What is kept with the job. */
interface Kept {
  readonly at: number; // the watermark
  /** Whether the labels that were there before labels were passed on have been. */
  readonly labelled?: boolean;
}

/** Makes the job that sweeps the chart, once a store. */
export const startSweep = async (store: Store, now: string): Promise<void> => {
  const job = { key: sweepKind, kind: sweepKind, payload: '{}', due: Date.parse(now) };
  await store.transaction((tx) => tx.jobs.enqueue(job, { reopen: true }));
};

/**
 * The sweep of the chart as a job that never ends: one server of a store holds its lease and looks every two seconds.
 * The watermark is kept with the job whenever it moves; whoever takes the job over goes on from there.
 */
export const chartSweep = (context: OperationContext): Handler => ({
  kind: sweepKind,
  run: async (lease, signal) => {
    const { store } = context;
    const known = lease.job.result === undefined ? undefined : (JSON.parse(lease.job.result) as Kept);
    let isLabelled = known?.labelled === true;
    let watermark: Watermark = { at: known?.at ?? Date.parse(context.now()), seen: new Map() };
    for (let look = 0; !signal.aborted; look++) {
      const back = look % wholeEvery === 0 ? lookBack : lookBackUsually;
      const next = await sweepChart(context, watermark, back).catch((error: unknown) => {
        context.failed?.(error); // with the next look
        return watermark;
      });
      const wasLabelled = isLabelled;
      isLabelled ||= await passAll(context, signal).catch((error: unknown) => {
        context.failed?.(error);
        return false;
      });
      if (next.at !== watermark.at || isLabelled !== wasLabelled) {
        const result = JSON.stringify({ at: next.at, labelled: isLabelled } satisfies Kept);
        await store.transaction((tx) => tx.jobs.change(lease, { state: 'leased', result }));
      }
      watermark = next;
      await pause(sweepEvery, undefined, { signal, ref: false }).catch(() => undefined);
    }
    const due = Date.parse(context.now());
    await store.transaction((tx) => tx.jobs.change(lease, { state: 'due', due }));
    return undefined;
  },
  giveUp: () => Promise.resolve(),
});
