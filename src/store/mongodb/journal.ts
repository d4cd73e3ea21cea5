import type { ClientSession } from 'mongodb';
import type { Entry } from '../../datatypes/entry.ts';
import type { Pending } from './pending.ts';
import { journal } from './read.ts';
import type { View } from './shared.ts';

/**
 * The journal inside a transaction. Who appends to an account takes its lock first, so that what others decide on the
 * same account comes before or after, never beside.
 */
export class Journal {
  readonly #view: View & { readonly session: ClientSession };
  readonly #last = new Map<string, number>(); // account → order of its last entry
  readonly #own: { readonly order: number; readonly entry: Entry }[] = [];
  #sent = 0;

  constructor(view: View & { readonly session: ClientSession }) {
    this.#view = view;
  }

  get hasAppended(): boolean {
    return this.#own.length > 0;
  }

  async of(account: string): Promise<Entry[]> {
    const unsent = this.#own.slice(this.#sent).filter(({ entry }) => entry.account === account);
    return [...(await journal(this.#view, account)), ...unsent.map(({ entry }) => entry)];
  }

  async append(entry: Entry): Promise<void> {
    const { shared } = this.#view;
    const last = this.#last.get(entry.account) ?? (await this.#lock(entry.account));
    const order = shared.nextOrder(last);
    this.#last.set(entry.account, order);
    this.#own.push({ order, entry });
  }

  /** Takes the lock of an account; answers the order of its last entry. */
  async #lock(account: string): Promise<number> {
    const { shared, session } = this.#view;
    const before = await shared.collections.lock.findOneAndUpdate(
      { _id: `account|${account}` },
      { $inc: { g: 1 } },
      { session, upsert: true, returnDocument: 'before' },
    );
    return before?.s ?? 0;
  }

  /** Hands over what was appended, and leaves the last order with the lock. */
  async send(to: Pending): Promise<void> {
    const { shared, session } = this.#view;
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
