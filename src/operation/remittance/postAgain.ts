import type { Job, NewJob } from '../../store/job.ts';
import type { Call } from '../operation.ts';
import { postingJobKey } from '../uniqueKey.ts';
import type { Source } from './desk.ts';

/** What a job that posts a remittance is about. */
export interface Posting {
  readonly remittance: string; // PaymentReconciliation/1
  readonly on: string;
  readonly source?: Source;
}

export const postingKind = 'remittance-posting';
export const postingOf = (job: Job): Posting => JSON.parse(job.payload) as Posting;

export const jobFor = (posting: Posting, due: number): NewJob => ({
  key: postingJobKey(posting.remittance),
  kind: postingKind,
  payload: JSON.stringify(posting),
  due,
});

/** Makes a remittance be posted again: what was held may fit now. */
export const postAgain = (
  { tx, context }: Pick<Call, 'tx' | 'context'>,
  posting: Posting,
): Promise<boolean> => tx.jobs.enqueue(jobFor(posting, Date.parse(context.now())), { reopen: true });
