import type { JobWriter } from '../../job.ts';
import type { TransactionView } from '../connection/mongoState.ts';
import { changeJob, countJobs, listJobs, makeJob, readJob } from './jobs.ts';

type Ask = <T>(call: (view: TransactionView) => Promise<T>) => Promise<T>;

/** Jobs inside one attempt at a transaction; `touched` holds what others may conflict over. */
export function jobWriter(ask: Ask, touched: Set<string>): JobWriter {
  let hasEnqueued = false;
  return {
    get hasEnqueued() {
      return hasEnqueued;
    },
    read: (key) => ask((view) => readJob(view, key)),
    counts: () => ask(countJobs),
    list: (state, count) => ask((view) => listJobs(view, state, count)),
    enqueue: async (job, options) => {
      touched.add(`job ${job.key}`);
      const made = await ask((view) => makeJob(view, job, { ...options, isLeased: false }));
      hasEnqueued ||= made !== undefined;
      return made !== undefined;
    },
    begin: (job, options) => {
      touched.add(`job ${job.key}`);
      return ask((view) => makeJob(view, job, { ...options, isLeased: true }));
    },
    change: (lease, to) => {
      touched.add(`job ${lease.job.key}`);
      return ask((view) => changeJob(view, lease, to));
    },
  };
}
