import { copiedJob } from '../../copying.ts';
import type { Job } from '../../job.ts';
import type { SqliteState } from '../connection/sqliteState.ts';
import { columns, jobOf } from './jobs.ts';

/** Jobs behind a key, in the order of their keys, as they are copied. */
export const jobsAfter = ({ database }: SqliteState, key: string, count: number): Job[] =>
  database
    .all(`SELECT ${columns} FROM job WHERE key > ? ORDER BY key LIMIT ?`, key, count)
    .map((row) => copiedJob(jobOf(row)));

/** Keeps a job of another store; nobody works at it. */
export function takeJob({ database }: SqliteState, job: Job): void {
  const { key, kind, payload, state, due, attempts, result, created, updated } = job;
  database.run(
    `INSERT INTO job (${columns}, fence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
    ...[key, kind, payload, state, due, attempts, result ?? null, created, updated],
  );
}
