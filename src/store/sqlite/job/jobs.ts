import { conflict } from '../../../outcome/fhirError.ts';
import {
  leaseLasts,
  openStates,
  type EnqueueOptions,
  type Job,
  type JobChange,
  type JobCounts,
  type JobState,
  type Lease,
  type NewJob,
} from '../../job.ts';
import type { Row } from '../connection/database.ts';
import type { SqliteState } from '../connection/sqliteState.ts';

export const columns = 'key, kind, payload, state, due, attempts, result, created, updated';
const isOpen = "state IN ('due', 'leased', 'sending')";
const isWaiting = "state IN ('held', 'failed')";

export const jobOf = ([key, kind, payload, state, due, attempts, result, created, updated]: Row): Job => ({
  key: String(key),
  kind: String(kind),
  payload: String(payload),
  state: String(state) as JobState,
  due: Number(due),
  attempts: Number(attempts),
  ...(result === null ? {} : { result: String(result) }),
  created: Number(created),
  updated: Number(updated),
});

export function readJob({ database }: SqliteState, key: string): Job | undefined {
  const row = database.get(`SELECT ${columns} FROM job WHERE key = ?`, key);
  return row && jobOf(row);
}

export const listJobs = ({ database }: SqliteState, state: JobState, count: number): Job[] =>
  database
    .all(
      `SELECT ${columns} FROM job WHERE ${isWaiting} AND state = ? ORDER BY updated, key LIMIT ?`,
      state,
      count,
    )
    .map(jobOf);

export function countJobs({ database }: SqliteState): JobCounts {
  const states = { due: 0, leased: 0, sending: 0, held: 0, failed: 0 };
  for (const which of [isOpen, isWaiting]) {
    const rows = database.all(`SELECT state, count(*) FROM job WHERE ${which} GROUP BY state`);
    for (const [state, count] of rows) states[String(state) as keyof typeof states] = Number(count);
  }
  const [oldest] = database.get(`SELECT min(due) FROM job WHERE ${isOpen} AND state = 'due'`) ?? [];
  const [leases] = database.get(`SELECT count(*) FROM job WHERE ${isOpen} AND owner IS NOT NULL`) ?? [];
  const found = { states, leases: Number(leases) };
  return oldest === null || oldest === undefined ? found : { ...found, oldestDue: Number(oldest) };
}

/** See JobWriter.enqueue and begin. */
export function makeJob(
  state: SqliteState,
  { key, kind, payload, due, result }: NewJob,
  { reopen = false, isLeased }: EnqueueOptions & { readonly isLeased: boolean },
): Lease | undefined {
  const before = state.database.get(`SELECT ${columns}, fence FROM job WHERE key = ?`, key);
  const known = before && jobOf(before);
  if (known && (!reopen || openStates.includes(known.state))) return undefined;
  const now = state.now();
  const { owner } = state;
  const fence = Number(before?.[9] ?? 0) + 1;
  const jobState = isLeased ? 'sending' : 'due';
  const created = known?.created ?? now;
  state.database.run(
    `INSERT OR REPLACE INTO job (${columns}, owner, until, fence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[key, kind, payload, jobState, due, 0, result ?? null, created, now],
    ...(isLeased ? [owner, now + leaseLasts] : [null, null]),
    fence,
  );
  if (isLeased) state.leases.hold(key, fence);
  const job: Job = { key, kind, payload, state: jobState, due, attempts: 0, created, updated: now };
  return { job: result === undefined ? job : { ...job, result }, owner, fence };
}

/** See JobWriter.change. */
export function changeJob(state: SqliteState, { job, owner, fence }: Lease, to: JobChange): void {
  const isEnded = to.state !== 'leased' && to.state !== 'sending';
  const changed = state.database.run(
    `UPDATE job SET state = ?, due = coalesce(?, due), attempts = coalesce(?, attempts), result = coalesce(?, result),
       updated = ?, owner = ?, until = ? WHERE key = ? AND owner = ? AND fence = ?`,
    ...[to.state, to.due ?? null, to.attempts ?? null, to.result ?? null, state.now()],
    ...(isEnded ? [null, null] : [owner, state.now() + leaseLasts]),
    ...[job.key, owner, fence],
  );
  if (changed === 0) throw conflict('lease-lost', 'another has taken over this work');
}

/** See Jobs.take. */
export function takeJobs(
  state: SqliteState,
  { kinds, count, key }: { readonly kinds: readonly string[]; readonly count: number; readonly key?: string },
): Lease[] {
  const now = state.now();
  const named = kinds.map(() => '?').join();
  const rows = state.database.all(
    `SELECT ${columns}, fence, owner, until FROM job WHERE ${isOpen} AND kind IN (${named}) AND
       (state <> 'due' OR due <= ?) ${key === undefined ? '' : 'AND key = ?'} ORDER BY due LIMIT ?`,
    ...[...kinds, now, ...(key === undefined ? [] : [key]), count + state.leases.keys.length],
  );
  const isFree = ([name, , , jobState, , , , , , , owner, until]: Row): boolean =>
    jobState === 'due' ||
    owner === null ||
    Number(until) <= now ||
    (owner === state.owner && !state.leases.has(String(name)));
  const free = rows.filter(isFree).slice(0, count);
  return free.map((row) => {
    const job = jobOf(row);
    const fence = Number(row[9]) + 1;
    state.leases.hold(job.key, fence);
    state.database.run(
      `UPDATE job SET state = ?, owner = ?, until = ?, fence = ? WHERE key = ?`,
      ...[job.state === 'due' ? 'leased' : job.state, state.owner, now + leaseLasts, fence, job.key],
    );
    return { job, owner: state.owner, fence };
  });
}

export function renewJob(state: SqliteState, { job, owner, fence }: Lease): void {
  const sql = 'UPDATE job SET until = ? WHERE key = ? AND owner = ? AND fence = ?';
  state.database.run(sql, state.now() + leaseLasts, job.key, owner, fence);
}
