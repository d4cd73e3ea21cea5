import type { Filter } from 'mongodb';
import { conflict } from '../../../outcome/fhirError.ts';
import {
  leaseLasts,
  openStates,
  type EnqueueOptions,
  type Job,
  type JobChange,
  type JobCounts,
  type Lease,
  type NewJob,
} from '../../job.ts';
import type { JobDocument } from '../connection/collections.ts';
import { within, type MongoState, type View, type TransactionView } from '../connection/mongoState.ts';

export const jobOf = ({ _id, h, p, x, d, a, r, c, m }: JobDocument): Job => ({
  key: _id,
  kind: h,
  payload: p,
  state: x,
  due: d,
  attempts: a,
  ...(r === undefined ? {} : { result: r }),
  created: c,
  updated: m,
});

export const documentOfJob = (job: Job): JobDocument => ({
  _id: job.key,
  h: job.kind,
  p: job.payload,
  x: job.state,
  d: job.due,
  a: job.attempts,
  ...(job.result === undefined ? {} : { r: job.result }),
  c: job.created,
  m: job.updated,
  o: null,
  u: null,
  f: 0,
});

/** When a lease that begins now ends, by the clock of the database. */
const leaseEnd = { $add: ['$$NOW', leaseLasts] };

export async function readJob(view: View, key: string): Promise<Job | undefined> {
  const found = await view.state.collections.job.findOne({ _id: key }, within(view));
  return found ? jobOf(found) : undefined;
}

export async function listJobs(view: View, state: 'held' | 'failed', count: number): Promise<Job[]> {
  const { job } = view.state.collections;
  const found = await job.find({ x: state }, within(view)).sort({ m: 1, _id: 1 }).limit(count).toArray();
  return found.map(jobOf);
}

export async function countJobs(view: View): Promise<JobCounts> {
  const { job } = view.state.collections;
  const states = { due: 0, leased: 0, sending: 0, held: 0, failed: 0 };
  let leases = 0;
  for (const state of ['due', 'leased', 'sending', 'held', 'failed'] as const)
    states[state] = await job.countDocuments({ x: state }, within(view));
  for (const state of ['leased', 'sending'] as const)
    leases += await job.countDocuments({ x: state, o: { $ne: null } }, within(view));
  const [oldest] = await job.find({ x: 'due' }, within(view)).sort({ d: 1 }).limit(1).toArray();
  return oldest ? { states, leases, oldestDue: oldest.d } : { states, leases };
}

/** See JobWriter.enqueue and begin. Two that make one job at once conflict, and one is run again. */
export async function makeJob(
  { state, session }: TransactionView,
  { key, kind, payload, due, result }: NewJob,
  { reopen = false, isLeased }: EnqueueOptions & { readonly isLeased: boolean },
): Promise<Lease | undefined> {
  const { job: jobs } = state.collections;
  const known = await jobs.findOne({ _id: key }, { session });
  if (known && (!reopen || openStates.includes(known.x))) return undefined;
  const now = state.now();
  const owner = state.membership.id;
  const fence = (known?.f ?? 0) + 1;
  const job: Job = {
    ...{ key, kind, payload, due, attempts: 0, created: known?.c ?? now, updated: now },
    state: isLeased ? 'sending' : 'due',
    ...(result === undefined ? {} : { result }),
  };
  const document = {
    ...documentOfJob(job),
    ...{ p: { $literal: payload }, ...(result === undefined ? {} : { r: { $literal: result } }) },
    ...(isLeased ? { o: owner, u: leaseEnd } : {}),
    f: fence,
  };
  if (isLeased) state.leases.hold(key, fence);
  await jobs.updateOne({ _id: key, ...(known ? { f: known.f } : {}) }, [{ $replaceWith: document }], {
    session,
    upsert: true,
  });
  return { job, owner, fence };
}

/** See JobWriter.change. */
export async function changeJob(
  { state, session }: TransactionView,
  lease: Lease,
  to: JobChange,
): Promise<void> {
  const isEnded = to.state !== 'leased' && to.state !== 'sending';
  const set = {
    x: to.state,
    m: state.now(),
    ...(to.due === undefined ? {} : { d: to.due }),
    ...(to.attempts === undefined ? {} : { a: to.attempts }),
    ...(to.result === undefined ? {} : { r: { $literal: to.result } }),
    o: isEnded ? null : lease.owner,
    u: isEnded ? null : leaseEnd,
  };
  const ours = { _id: lease.job.key, o: lease.owner, f: lease.fence };
  const { matchedCount } = await state.collections.job.updateOne(ours, [{ $set: set }], { session });
  if (matchedCount === 0) throw conflict('lease-lost', 'another has taken over this work');
}

interface Query {
  readonly kinds: readonly string[];
  readonly count: number;
  readonly key?: string;
}

/** No key of an operation begins so. */
const taking = '\0take jobs';

/**
 * See Jobs.take. A lease holds while its server is counted among those of the store, and until its end. A server looks
 * one time after another: between the answer of the database and the note that the lease is held, a second look would
 * take the job for one that nobody works at.
 */
export async function takeJobs(state: MongoState, query: Query): Promise<Lease[]> {
  await state.queue.take(taking);
  try {
    return await lookForJobs(state, query);
  } finally {
    state.queue.letGo(taking);
  }
}

async function lookForJobs(state: MongoState, { kinds, count, key }: Query): Promise<Lease[]> {
  const { job } = state.collections;
  const owner = state.membership.id;
  const servers = [owner, ...(await state.membership.others()).map(({ _id }) => _id)];
  const isBegun = { x: { $in: ['leased', 'sending'] as const } };
  const free: readonly (() => Filter<JobDocument>)[] = [
    () => ({ x: 'due', d: { $lte: state.now() } }),
    () => ({ ...isBegun, o: { $nin: servers } }),
    () => ({ ...isBegun, $expr: { $lte: ['$u', '$$NOW'] } }),
    () => ({ ...isBegun, o: owner, _id: { $nin: state.leases.keys } }),
  ];
  const taken: Lease[] = [];
  for (const filter of free) {
    while (taken.length < count) {
      const begun = { $cond: [{ $eq: ['$x', 'due'] }, 'leased', '$x'] };
      const before = await job.findOneAndUpdate(
        { $and: [filter(), { h: { $in: [...kinds] } }, ...(key === undefined ? [] : [{ _id: key }])] },
        [{ $set: { x: begun, o: owner, u: leaseEnd, f: { $add: ['$f', 1] } } }],
        { sort: { d: 1 }, returnDocument: 'before' },
      );
      if (!before) break;
      state.leases.hold(before._id, before.f + 1);
      taken.push({ job: jobOf(before), owner, fence: before.f + 1 });
    }
  }
  return taken;
}

export async function renewJob({ collections }: MongoState, { job, owner, fence }: Lease): Promise<void> {
  await collections.job.updateOne({ _id: job.key, o: owner, f: fence }, [{ $set: { u: leaseEnd } }]);
}
