import type { AnyBulkWriteOperation } from 'mongodb';
import { duplicate } from '../../../outcome/fhirError.ts';
import type { KeyDocument } from '../connection/collections.ts';
import { holder } from '../history/read.ts';
import type { View, TransactionView } from '../connection/mongoState.ts';

/** The unique keys a transaction looked at, took and released. */
export class Keys {
  readonly #stored = new Map<string, string | undefined>(); // as the database has it
  readonly #own = new Map<string, string | undefined>(); // as it will have it; undefined: released

  async holder(view: View, key: string): Promise<string | undefined> {
    if (this.#own.has(key)) return this.#own.get(key);
    if (!this.#stored.has(key)) this.#stored.set(key, await holder(view, key));
    return this.#stored.get(key);
  }

  /** Looks keys up together that will be asked for. */
  async readAhead({ state, session }: TransactionView, keys: readonly string[]): Promise<void> {
    const unknown = keys.filter((key) => !this.#stored.has(key));
    if (unknown.length === 0) return;
    const found = await state.collections.key.find({ _id: { $in: unknown } }, { session }).toArray();
    for (const key of unknown) this.#stored.set(key, undefined);
    for (const { _id, r } of found) this.#stored.set(_id, r);
  }

  async reserve(view: View, key: string, by: string): Promise<void> {
    const has = await this.holder(view, key);
    if (has === by) return;
    if (has !== undefined) throw duplicate('key-taken', `${has} holds this business key`);
    this.#own.set(key, by);
  }

  async release(view: View, key: string): Promise<void> {
    if ((await this.holder(view, key)) !== undefined) this.#own.set(key, undefined);
  }

  async send({ state, session }: TransactionView): Promise<void> {
    const doing = [...this.#own].flatMap(([key, by]): AnyBulkWriteOperation<KeyDocument>[] => {
      const before = this.#stored.get(key);
      if (before === by) return [];
      if (by === undefined) return [{ deleteOne: { filter: { _id: key } } }];
      return before === undefined
        ? [{ insertOne: { document: { _id: key, r: by } } }]
        : [{ updateOne: { filter: { _id: key }, update: { $set: { r: by } } } }];
    });
    if (doing.length > 0) await state.collections.key.bulkWrite(doing, { session });
  }
}
