import { randomUUID } from 'node:crypto';
import type { ClientSession } from 'mongodb';
import type { Resource, ResourceType } from '@medplum/fhirtypes';
import type { Entry } from '../../datatypes/entry.ts';
import type { SearchQuery } from '../../search/query.ts';
import type {
  Explanation,
  HistoryPage,
  HistoryQuery,
  Remembered,
  SearchPage,
  Stored,
  Transaction,
} from '../store.ts';
import { nextDeletion, nextVersion, type PutOptions } from '../version.ts';
import { changes } from './changes.ts';
import { isCharted } from './charted.ts';
import type { ResourceDocument } from './collections.ts';
import { documentOf, formerOf } from './document.ts';
import { explain } from './explain.ts';
import { Journal } from './journal.ts';
import { Keys } from './keys.ts';
import type { Held } from './keyedQueue.ts';
import { lockDocument } from './lock.ts';
import { Pending } from './pending.ts';
import * as read from './read.ts';
import { search } from './search.ts';
import type { Shared, View } from './shared.ts';
import { Conflict } from './transient.ts';

/** What one attempt at a piece of work may do, until it ends. What it writes is sent when it is asked for, or at the end. */
export class MongoTransaction implements Transaction {
  readonly #shared: Shared;
  readonly #view: View & { readonly session: ClientSession };
  readonly #held: Held;
  readonly #slot: { readonly id: string; readonly mark: string };
  readonly #seen = new Map<string, read.Current | undefined>();
  readonly #pending = new Pending();
  readonly #keys = new Keys();
  readonly #journal: Journal;
  readonly #answers: {
    readonly key: string;
    readonly answer: Remembered;
    readonly expires: number | null;
  }[] = [];
  readonly #touched = new Set<string>();
  #generations: ReadonlyMap<string, string> | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #isBegun = false; // something was sent: the snapshot is taken
  #hasEnded = false;
  #broken: unknown; // what the server, or another transaction, ended this one with

  constructor(shared: Shared, session: ClientSession, held: Held, slot: { id: string; mark: string }) {
    this.#shared = shared;
    this.#view = { shared, session };
    this.#held = held;
    this.#slot = slot;
    this.#journal = new Journal(this.#view);
  }

  /** Why no further call may succeed; undefined while all is well. */
  get broken(): unknown {
    return this.#broken;
  }
  get isBegun(): boolean {
    return this.#isBegun;
  }
  /** What other transactions may conflict over with this one, as keys to hold. */
  get touched(): ReadonlySet<string> {
    return this.#touched;
  }

  end(): void {
    this.#hasEnded = true;
  }

  /** One call at a time: a session takes no two. What fails by the server's doing ends all. */
  #next<T>(call: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(async () => {
      if (this.#hasEnded) throw new Error('the transaction has ended');
      if (this.#broken !== undefined) throw this.#broken as Error;
      try {
        return await call();
      } catch (error) {
        if (error instanceof Error && (error instanceof Conflict || error.name.startsWith('Mongo')))
          this.#broken = error;
        throw error;
      }
    });
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  /** A call that asks the server. */
  #ask<T>(call: (view: View & { readonly session: ClientSession }) => Promise<T>): Promise<T> {
    return this.#next(() => {
      this.#isBegun = true;
      return call(this.#view);
    });
  }

  /** A call that asks for what may have been written here: that is sent first. */
  #askAfterWrites<T>(call: (view: View) => Promise<T>): Promise<T> {
    return this.#ask(async (view) => {
      await this.#send(view.session);
      return call(view);
    });
  }

  async #send(session: ClientSession): Promise<void> {
    await this.#pending.send(this.#shared.collections, session, this.#slot);
  }

  /** The one document that is all this transaction has to write, where it asked nothing: no transaction is needed. */
  get onlyInsert(): ResourceDocument | undefined {
    const hasMore = this.#isBegun || this.#journal.hasAppended || this.#answers.length > 0;
    return hasMore || this.#broken !== undefined || this.#keys.hasWritten ? undefined : this.#pending.only;
  }

  /** Sends all that was written; answers whether there is something to commit. */
  flush(): Promise<boolean> {
    return this.#next(async () => {
      const { session } = this.#view;
      const wrote = this.#answers.length + this.#pending.types.size > 0;
      if (wrote || this.#keys.hasWritten || this.#journal.hasAppended) this.#isBegun = true;
      await this.#keys.send(this.#view, session);
      await this.#journal.send(this.#pending);
      for (const { key, answer, expires } of this.#answers.splice(0))
        await this.#shared.collections.answer.replaceOne(
          { _id: key },
          {
            b: answer.bodyHash,
            s: answer.status,
            h: JSON.stringify(answer.headers),
            j: answer.body,
            e: expires,
          },
          { session, upsert: true },
        );
      await this.#send(session);
      return this.#isBegun;
    });
  }

  async #current(type: ResourceType, id: string): Promise<read.Current | undefined> {
    const reference = `${type}/${id}`;
    if (this.#seen.has(reference)) return this.#seen.get(reference);
    this.#isBegun = true;
    const found = await read.current(this.#view, type, id);
    this.#seen.set(reference, found);
    return found;
  }

  read(type: ResourceType, id: string): Promise<Stored | undefined> {
    return this.#next(() => this.#current(type, id));
  }
  vread(type: ResourceType, id: string, version: number): Promise<Stored | undefined> {
    return this.#askAfterWrites((view) => read.vread(view, type, id, version));
  }
  history(type: ResourceType, id: string, page: { count: number; before?: number }): Promise<Stored[]> {
    return this.#askAfterWrites((view) => read.history(view, { type, id }, page));
  }
  changes(query: HistoryQuery): Promise<HistoryPage> {
    return this.#askAfterWrites((view) => changes(view, query));
  }
  search(query: SearchQuery): Promise<SearchPage> {
    return this.#askAfterWrites((view) => search(view, query));
  }
  explain(query: SearchQuery): Promise<Explanation> {
    return this.#next(() => explain({ shared: this.#shared }, query)); // no explaining inside a transaction
  }
  referrers(type: ResourceType, id: string, count: number): Promise<{ references: string[]; total: number }> {
    return this.#askAfterWrites((view) => read.referrers(view, { type, id }, count));
  }
  journal(account: string): Promise<Entry[]> {
    return this.#ask(() => this.#journal.of(account));
  }
  entries(page: { count: number; after?: number }): Promise<{ entries: Entry[]; next?: number }> {
    return this.#ask(async (view) => {
      await this.#journal.send(this.#pending);
      await this.#send(view.session);
      return read.entries(view, page);
    });
  }
  holder(key: string): Promise<string | undefined> {
    return this.#ask((view) => this.#keys.holder(view, key));
  }
  recall(key: string): Promise<Remembered | undefined> {
    return this.#next(async () => {
      const own = this.#answers.findLast((kept) => kept.key === key);
      if (own) return own.expires !== null && own.expires <= this.#shared.now() ? undefined : own.answer;
      this.#isBegun = true;
      return read.recall(this.#view, key);
    });
  }
  generation(type: ResourceType): Promise<string> {
    if (isCharted(type)) return this.#next(() => Promise.resolve(randomUUID()));
    return this.#ask(async (view) => {
      this.#generations ??= await read.generations(view);
      const committed = this.#generations.get(type) ?? '';
      return this.#pending.types.has(type) ? `${committed}${this.#slot.mark}+` : committed;
    });
  }

  put(resource: Resource & { id: string }, options: PutOptions = {}): Promise<Stored> {
    return this.#next(async () => {
      const type = resource.resourceType;
      const reference = `${type}/${resource.id}`;
      const isFresh = options.fresh === true && !this.#held.has(reference) && !this.#seen.has(reference);
      const before = isFresh ? undefined : await this.#current(type, resource.id);
      const next = nextVersion(before, resource, options, (previous) => this.#shared.stamp(previous));
      if (next === before) return next;
      if (!before && this.#shared.isSharded) await lockDocument(this.#view, reference);
      this.#write(next, before, resource);
      return next;
    });
  }

  delete(type: ResourceType, id: string, options: { ifMatch?: number } = {}): Promise<Stored | undefined> {
    return this.#next(async () => {
      const before = await this.#current(type, id);
      const next = nextDeletion(before, { type, id }, options.ifMatch, (previous) =>
        this.#shared.stamp(previous),
      );
      if (next) this.#write(next, before, undefined);
      return next;
    });
  }

  #write(next: Stored, before: read.Current | undefined, resource: Resource | undefined): void {
    const document = documentOf(this.#shared, next, before, resource);
    this.#touched.add(document._id);
    this.#seen.set(document._id, {
      ...next,
      order: document.o,
      key: document.k,
      writeOrder: document.w,
    });
    this.#pending.write(document, before && formerOf(before, document.u));
  }

  lock(key: string): Promise<void> {
    return this.#next(async () => {
      const held = `lock ${key}`;
      this.#touched.add(held);
      // Whoever holds it writes what our snapshot would not show: we wait for it outside, then begin.
      if (!this.#held.takeIfFree(held)) throw new Conflict(`${held} is held`);
      this.#isBegun = true;
      await lockDocument(this.#view, key);
    });
  }
  reserve(key: string, by: string): Promise<void> {
    this.#touched.add(`key ${key}`);
    return this.#ask((view) => this.#keys.reserve(view, key, by));
  }
  release(key: string): Promise<void> {
    this.#touched.add(`key ${key}`);
    return this.#ask((view) => this.#keys.release(view, key));
  }
  append(entry: Entry): Promise<void> {
    this.#touched.add(`account ${entry.account}`);
    return this.#ask(() => this.#journal.append(entry));
  }
  remember(key: string, answer: Remembered, expires?: string): Promise<void> {
    this.#touched.add(`answer ${key}`);
    return this.#next(() => {
      this.#answers.push({ key, answer, expires: expires === undefined ? null : Date.parse(expires) });
      return Promise.resolve();
    });
  }
}
