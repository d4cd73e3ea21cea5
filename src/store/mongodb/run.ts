import { setTimeout as pause } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import { WriteConcern, type ClientSession } from 'mongodb';
import type { Transaction } from '../store.ts';
import { Held } from './keyedQueue.ts';
import type { ResourceDocument } from './collections.ts';
import type { Shared } from './shared.ts';
import { busy, Conflict, isAway, isDuplicate, isTransient, isUnknownCommit } from './transient.ts';
import { MongoTransaction } from './transaction.ts';

/** How long a piece of work is tried again, in milliseconds. */
const patience = 20_000;
const pauseMax = 200;

/**
 * Runs work in a transaction: again from the start when another wrote what it read or wrote, or when the primary
 * changed. From the second time on it first waits its turn for what it touched, so that many do not storm one key.
 */
export async function runTransaction<T>(shared: Shared, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const deadline = performance.now() + patience;
  const held = new Held(shared.queue);
  const wanted = new Set<string>();
  try {
    for (let attempt = 1; ; attempt++) {
      await held.takeAnew(wanted);
      const place = await shared.places.take();
      let tried: Tried<T>;
      try {
        tried = await attemptOnce(shared, work, held, { place, deadline });
      } finally {
        shared.places.letGo(place);
      }
      if ('value' in tried) return tried.value;
      if (!isTransient(tried.error)) throw tried.error;
      if (performance.now() > deadline) throw busy();
      for (const key of tried.touched) wanted.add(key);
      held.letGo();
      const most = Math.min(pauseMax, 2 ** attempt) + (isAway(tried.error) ? pauseMax : 0);
      await pause(Math.random() * most);
    }
  } finally {
    held.letGo();
  }
}

type Tried<T> = { readonly value: T } | { readonly error: unknown; readonly touched: ReadonlySet<string> };

async function attemptOnce<T>(
  shared: Shared,
  work: (tx: Transaction) => Promise<T>,
  held: Held,
  { place, deadline }: { readonly place: number; readonly deadline: number },
): Promise<Tried<T>> {
  const { members } = shared;
  try {
    if (!members.isPresent) await members.renew();
  } catch (error) {
    return { error, touched: new Set() };
  }
  const { term } = members;
  const session = shared.client.startSession();
  session.startTransaction({
    readConcern: { level: 'snapshot' },
    writeConcern: new WriteConcern('majority', undefined, true),
  });
  const slot = { id: `${shared.part}.${place}`, mark: randomBytes(6).toString('base64url') };
  const tx = new MongoTransaction(shared, session, held, slot);
  try {
    const value = await work(tx);
    const only = tx.onlyInsert;
    if (only) refuseFormer(shared, term);
    if (only) {
      tx.end();
      await session.abortTransaction(); // nothing was sent in it
      await insertOne(shared, only, deadline);
      return { value };
    }
    const isToCommit = await tx.flush();
    tx.end();
    if (isToCommit) {
      refuseFormer(shared, term);
      await commit(session, deadline);
    }
    return { value };
  } catch (error) {
    tx.end();
    if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
    // Work may have answered a conflict with an error of its own: what ended the transaction counts.
    return { error: tx.broken ?? error, touched: tx.touched };
  } finally {
    await session.endSession();
  }
}

/** What the others do not reckon with may not land: it may lack index entries that they count on. */
function refuseFormer({ members }: Shared, term: number): void {
  if (!members.isPresent || members.term !== term) throw new Conflict('this server was struck off meanwhile');
}

/** One new document is written whole or not at all. Asked again after a failure, it may be there already: ours. */
async function insertOne(shared: Shared, document: ResourceDocument, deadline: number): Promise<void> {
  const { resource } = shared.collections;
  for (let attempt = 1; ; attempt++) {
    try {
      await resource.insertOne(document);
      return;
    } catch (error) {
      if (attempt > 1 && isDuplicate(error)) {
        const there = await resource.findOne({ _id: document._id }, { projection: { w: 1 } });
        if (there?.w === document.w) return;
      }
      if (!isAway(error)) throw error;
      if (performance.now() > deadline) throw busy();
      await pause(100);
    }
  }
}

/** Commits, and asks again while nobody knows whether it was done: a commit that was is done once all the same. */
async function commit(session: ClientSession, deadline: number): Promise<void> {
  for (;;) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      if (!isUnknownCommit(error)) throw error;
      if (performance.now() > deadline) throw busy();
      await pause(50);
    }
  }
}
