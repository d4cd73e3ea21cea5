import { setTimeout as pause } from 'node:timers/promises';
import type { Transaction } from '../../store.ts';
import { Held } from '../cluster/keyedQueue.ts';
import type { MongoState } from './mongoState.ts';
import { busy, Conflict, isAway, isTransient } from './transient.ts';
import { MongoTransaction } from '../write/transaction.ts';

/** Milliseconds within which work is retried. */
const patience = 20_000;
const pauseMax = 200;

/**
 * Runs work in a transaction: again from the start when another wrote what it read or wrote, or when the primary
 * changed. From the second attempt on it first waits in line for the keys it touched, so that many writers of one key
 * do not conflict again and again.
 */
export async function runTransaction<T>(
  state: MongoState,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + patience;
  const held = new Held(state.queue);
  const wanted = new Set<string>();
  try {
    for (let attempt = 1; ; attempt++) {
      await held.takeAnew(wanted);
      const tx = new MongoTransaction(state, held, attempt > 1);
      const tried = await attemptOnce(state, tx, work, deadline);
      if ('value' in tried) return tried.value;
      if (!isTransient(tried.error)) throw tried.error;
      if (performance.now() > deadline) throw busy();
      for (const key of tx.touched) wanted.add(key);
      held.letGo();
      const most = Math.min(pauseMax, 2 ** attempt) + (isAway(tried.error) ? pauseMax : 0);
      await pause(Math.random() * most);
    }
  } finally {
    held.letGo();
  }
}

type Tried<T> = { readonly value: T } | { readonly error: unknown };

async function attemptOnce<T>(
  state: MongoState,
  tx: MongoTransaction,
  work: (tx: Transaction) => Promise<T>,
  deadline: number,
): Promise<Tried<T>> {
  const { membership } = state;
  try {
    if (!membership.isPresent) await membership.renew();
    const { term } = membership;
    const value = await work(tx);
    await tx.land(deadline, () => {
      refuseFormer(state, term);
    });
    return { value };
  } catch (error) {
    // Work may turn a conflict into an error of its own: the error that ended the transaction decides.
    return { error: tx.broken ?? error };
  } finally {
    await tx.end();
  }
}

/** A server that the others have struck off may not commit: its writes may lack index entries that they rely on. */
function refuseFormer({ membership }: MongoState, term: number): void {
  if (!membership.isPresent || membership.term !== term)
    throw new Conflict('this server was struck off meanwhile');
}
