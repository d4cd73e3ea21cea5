import type { Entry } from '../../../datatypes/entry.ts';
import type { Pending } from './pending.ts';
import { journal } from '../history/read.ts';
import type { View, Within } from '../connection/mongoState.ts';

/**
 * The journal inside a transaction. Who appends to an account takes its lock first, so that what others decide on the
 * same account comes before or after, never beside.
 */
export class Journal {
  readonly #last = new Map<string, number>(); // account → order of its last entry
  readonly #own: { readonly order: number; readonly entry: Entry }[] = [];
  #sent = 0;

  async of(view: View, account: string): Promise<Entry[]> {
    const unsent = this.#own.slice(this.#sent).filter(({ entry }) => entry.account === account);
    return [...(await journal(view, account)), ...unsent.map(({ entry }) => entry)];
  }

  async append(view: Within, entry: Entry): Promise<void> {
    const last = this.#last.get(entry.account) ?? (await lockAccount(view, entry.account));
    const order = view.shared.nextOrder(last);
    this.#last.set(entry.account, order);
    const enteredOn = new Date(view.shared.now()).toISOString();
    this.#own.push({ order, entry: { ...entry, enteredOn } });
  }

  /** Hands over what was appended, and leaves the last order with the lock. */
  async send({ shared, session }: Within, to: Pending): Promise<void> {
    const unsent = this.#own.slice(this.#sent);
    this.#sent = this.#own.length;
    for (const { order, entry } of unsent) to.append(order, entry);
    const accounts = [...new Set(unsent.map(({ entry }) => entry.account))];
    if (accounts.length === 0) return;
    await shared.collections.lock.bulkWrite(
      accounts.map((account) => ({
        updateOne: {
          filter: { _id: `account|${account}` },
          update: { $set: { s: this.#last.get(account) ?? 0 } },
        },
      })),
      { session },
    );
  }
}

/** Takes the lock of an account; answers the order of its last entry. */
async function lockAccount({ shared, session }: Within, account: string): Promise<number> {
  const before = await shared.collections.lock.findOneAndUpdate(
    { _id: `account|${account}` },
    { $inc: { g: 1 } },
    { session, upsert: true, returnDocument: 'before' },
  );
  return before?.s ?? 0;
}
