import type { JobWriter } from '../../job.ts';
import type { SqliteState } from '../connection/sqliteState.ts';
import { changeJob, countJobs, listJobs, makeJob, readJob } from './jobs.ts';

/** Jobs inside a transaction; `open` throws once it has ended. */
export function jobWriter(open: () => SqliteState): JobWriter {
  let hasEnqueued = false;
  /* eslint-disable @typescript-eslint/require-await -- what is thrown becomes a rejection */
  return {
    get hasEnqueued() {
      return hasEnqueued;
    },
    read: async (key) => readJob(open(), key),
    counts: async () => countJobs(open()),
    list: async (state, count) => listJobs(open(), state, count),
    enqueue: async (job, options) => {
      const made = makeJob(open(), job, { ...options, isLeased: false }) !== undefined;
      hasEnqueued ||= made;
      return made;
    },
    begin: async (job, options) => makeJob(open(), job, { ...options, isLeased: true }),
    change: async (lease, to) => {
      changeJob(open(), lease, to);
    },
  };
  /* eslint-enable @typescript-eslint/require-await */
}
