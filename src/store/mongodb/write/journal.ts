import type { Entry } from '../../../datatypes/entry.ts';
import type { Pending } from './pending.ts';
import { journal } from '../history/read.ts';
import type { View, TransactionView } from '../connection/mongoState.ts';

/**
 * The journal inside a transaction. Before entries are appended to an account, its lock is taken, so that transactions
 * on one account run one after another.
 */
export class Journal {
  readonly #last = new Map<string, number>(); // account → order of its last entry
  readonly #own: { readonly order: number; readonly entry: Entry }[] = [];
  #sent = 0;

  async of(view: View, account: string): Promise<Entry[]> {
    const unsent = this.#own.slice(this.#sent).filter(({ entry }) => entry.account === account);
    return [...(await journal(view, account)), ...unsent.map(({ entry }) => entry)];
  }

  async append(view: TransactionView, entry: Entry): Promise<void> {
    const last = this.#last.get(entry.account) ?? (await lockAccount(view, entry.account));
    const order = view.state.nextOrder(last);
    this.#last.set(entry.account, order);
    const enteredOn = new Date(view.state.now()).toISOString();
    this.#own.push({ order, entry: { ...entry, enteredOn } });
  }

  /** Returns the entries to be written, and stores the order of the last one with the lock. */
  async send({ state, session }: TransactionView, to: Pending): Promise<void> {
    const unsent = this.#own.slice(this.#sent);
    this.#sent = this.#own.length;
    for (const { order, entry } of unsent) to.append(order, entry);
    const accounts = [...new Set(unsent.map(({ entry }) => entry.account))];
    if (accounts.length === 0) return;
    await state.collections.lock.bulkWrite(
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
async function lockAccount({ state, session }: TransactionView, account: string): Promise<number> {
  const before = await state.collections.lock.findOneAndUpdate(
    { _id: `account|${account}` },
    { $inc: { g: 1 } },
    { session, upsert: true, returnDocument: 'before' },
  );
  return before?.s ?? 0;
}
