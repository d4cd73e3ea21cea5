import { randomUUID } from 'node:crypto';
import type { Resource, ResourceType } from '@medplum/fhirtypes';
import type { Entry } from '../../../datatypes/entry.ts';
import type { Target } from '../../../datatypes/reference.ts';
import type { SearchQuery } from '../../../search/query.ts';
import type {
  Explanation,
  HistoryPage,
  HistoryQuery,
  Remembered,
  SearchPage,
  Stored,
  Transaction,
} from '../../store.ts';
import type { KeptRecord, RecordKey } from '../../record.ts';
import { nextDeletion, nextVersion, type PutOptions } from '../../version.ts';
import { Answers } from './answers.ts';
import { Begun } from '../connection/begun.ts';
import { changes } from '../history/changes.ts';
import { isCharted } from '../index/charted.ts';
import { currentOfAll, type Current } from './current.ts';
import { documentOf, formerOf } from './document.ts';
import { explain } from '../search/explain.ts';
import { Journal } from './journal.ts';
import { Keys } from './keys.ts';
import type { Held } from '../cluster/keyedQueue.ts';
import { lockDocument } from '../connection/lock.ts';
import { Pending } from './pending.ts';
import * as read from '../history/read.ts';
import { search } from '../search/search.ts';
import type { MongoState, View, TransactionView } from '../connection/mongoState.ts';
import { jobWriter } from '../job/jobWriter.ts';
import { Conflict, overtaken } from '../connection/transient.ts';
import { writeLone } from './writeLone.ts';
import { gathered } from '../record/records.ts';

const nobody = { references: [], total: 0 };

/**
 * One attempt at a piece of work. Its writes are sent when they are read, or at the end. The database transaction begins
 * with the first call that needs it: a single resource is read and written without one, see docs/decision/0011.
 */
export class MongoTransaction implements Transaction {
  readonly #state: MongoState;
  readonly #held: Held;
  readonly #isAgain: boolean;
  readonly #seen = new Map<string, Current | undefined>();
  readonly #pending: Pending;
  readonly #keys = new Keys();
  readonly #journal = new Journal();
  readonly #answers = new Answers();
  readonly #touched = new Set<string>();
  readonly jobs = jobWriter((call) => this.#ask(call), this.#touched);
  #begun: Begun | undefined;
  #outside: { readonly reference: string; readonly found: Current | undefined } | undefined; // read before it began
  #generations: ReadonlyMap<string, string> | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #hasEnded = false;
  #broken: unknown; // what the server, or another transaction, ended this one with

  constructor(state: MongoState, held: Held, isAgain: boolean) {
    this.#state = state;
    this.#held = held;
    this.#isAgain = isAgain;
    this.#pending = new Pending(isAgain);
  }

  /** The error by which every further call fails, if any. */
  get broken(): unknown {
    return this.#broken;
  }
  /** Keys by which other transactions may conflict with this one; held in the next attempt. */
  get touched(): ReadonlySet<string> {
    return this.#touched;
  }

  /** Takes no more calls, and rolls back what was not committed. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    await this.#tail;
    await this.#begun?.end();
  }

  /** Runs one call at a time, as a session allows no more. A failure of the server ends the attempt. */
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

  /** Begins the transaction unless it has begun, and checks that what was read before is unchanged. */
  async #inside(): Promise<Begun> {
    if (this.#begun) return this.#begun;
    this.#begun = await Begun.begin(this.#state);
    const { reference, found } = this.#outside ?? {};
    if (reference !== undefined && (await read.writeOrder(this.#begun.view, reference)) !== found?.writeOrder)
      throw overtaken(reference);
    return this.#begun;
  }

  /** Whether a resource may be read without a transaction: nothing was read yet, and one may not be needed. */
  #isFirst(type: ResourceType): boolean {
    return !this.#begun && !this.#outside && !this.#isAgain && !this.#state.isSharded && isCharted(type);
  }

  /** A call that needs the server. */
  #ask<T>(call: (view: TransactionView) => Promise<T>): Promise<T> {
    return this.#next(async () => call((await this.#inside()).view));
  }

  /** A call whose result may depend on pending writes: they are sent first. */
  #askAfterWrites<T>(call: (view: View) => Promise<T>): Promise<T> {
    return this.#next(async () => {
      const begun = await this.#inside();
      await this.#send(begun);
      return call(begun.view);
    });
  }

  async #send({ view, slot }: Begun): Promise<void> {
    await this.#pending.send(this.#state.collections, view.session, slot);
  }

  /** Commits; `permit` throws where the attempt may not be committed. */
  land(deadline: number, permit: () => void): Promise<void> {
    return this.#next(async () => {
      this.#hasEnded = true;
      if (!this.#begun && !this.#answers.hasAny) {
        const { lone, types } = this.#pending;
        if (lone) permit();
        if (lone) return writeLone(this.#state, lone, deadline);
        if (types.size === 0) return; // keys and journal ask before they write: that begins it
      }
      const begun = await this.#inside();
      await this.#keys.send(begun.view);
      await this.#journal.send(begun.view, this.#pending);
      await this.#answers.send(begun.view);
      await this.#send(begun);
      permit();
      await begun.commit(deadline);
    });
  }

  async #current(type: ResourceType, id: string): Promise<Current | undefined> {
    const reference = `${type}/${id}`;
    if (this.#seen.has(reference)) return this.#seen.get(reference);
    const isOutside = this.#isFirst(type);
    const view = isOutside ? { state: this.#state } : (await this.#inside()).view;
    const found = await read.current(view, type, id);
    if (isOutside) this.#outside = { reference, found };
    this.#seen.set(reference, found);
    return found;
  }
  readAhead(targets: readonly Target[], keys: readonly string[] = []): Promise<boolean> {
    return this.#next(async () => {
      const names = targets.map(({ type, id }) => `${type}/${id}`).filter((name) => !this.#seen.has(name));
      if (names.length + keys.length < 2) return true; // one may need no transaction at all
      const { view } = await this.#inside();
      await this.#keys.readAhead(view, keys);
      const found = await currentOfAll(this.#state.collections, names, { session: view.session });
      for (const name of names) this.#seen.set(name, found.get(name));
      return true;
    });
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
  revivals(versions: readonly Stored[]): Promise<ReadonlySet<Stored>> {
    return this.#askAfterWrites((view) => read.revivals(view, versions));
  }
  changes(query: HistoryQuery): Promise<HistoryPage> {
    return this.#askAfterWrites((view) => changes(view, query));
  }
  search(query: SearchQuery): Promise<SearchPage> {
    return this.#askAfterWrites((view) => search(view, query));
  }
  explain(query: SearchQuery): Promise<Explanation> {
    return this.#next(() => explain({ state: this.#state }, query)); // no explaining inside a transaction
  }
  referrers(type: ResourceType, id: string, count: number): Promise<{ references: string[]; total: number }> {
    const reference = `${type}/${id}`;
    return this.#next(async () => {
      if (!this.#begun && this.#outside?.reference === reference && this.#pending.isOnly(reference)) {
        const mayBe = await this.#state.together.referred.ask(reference);
        return mayBe ? read.referrers({ state: this.#state }, { type, id }, count) : nobody;
      }
      const begun = await this.#inside();
      await this.#send(begun);
      return read.referrers(begun.view, { type, id }, count);
    });
  }
  journal(account: string): Promise<Entry[]> {
    return this.#ask((view) => this.#journal.of(view, account));
  }
  entries(page: { count: number; after?: number }): ReturnType<Transaction['entries']> {
    return this.#next(async () => {
      const begun = await this.#inside();
      await this.#journal.send(begun.view, this.#pending);
      await this.#send(begun);
      return read.entries(begun.view, page);
    });
  }
  holder(key: string): Promise<string | undefined> {
    return this.#ask((view) => this.#keys.holder(view, key));
  }
  recall(key: string): Promise<Remembered | undefined> {
    return this.#next(async () => {
      const own = this.#answers.of(key);
      if (own) return own.expires !== null && own.expires <= this.#state.now() ? undefined : own.answer;
      return read.recall((await this.#inside()).view, key);
    });
  }
  gathered(keys: readonly RecordKey[]): Promise<KeptRecord[]> {
    return gathered({ state: this.#state }, keys); // they never change: no part of the transaction
  }
  generation(type: ResourceType): Promise<string> {
    if (isCharted(type)) return this.#next(() => Promise.resolve(randomUUID()));
    return this.#next(async () => {
      const { view, slot } = await this.#inside();
      this.#generations ??= await read.generations(view);
      const committed = this.#generations.get(type) ?? '';
      return this.#pending.types.has(type) ? `${committed}${slot.mark}+` : committed;
    });
  }

  put(resource: Resource & { id: string }, options: PutOptions = {}): Promise<Stored> {
    return this.#next(async () => {
      const type = resource.resourceType;
      const reference = `${type}/${resource.id}`;
      const isFresh = options.fresh === true && !this.#held.has(reference) && !this.#seen.has(reference);
      const before = isFresh ? undefined : await this.#current(type, resource.id);
      const next = nextVersion(before, resource, options, (previous) => this.#state.stamp(previous));
      if (next === before) return next;
      if (!before && this.#state.isSharded) await lockDocument((await this.#inside()).view, reference);
      return this.#write(next, before, resource);
    });
  }

  delete(type: ResourceType, id: string, options: { ifMatch?: number } = {}): Promise<Stored | undefined> {
    return this.#next(async () => {
      const before = await this.#current(type, id);
      const next = nextDeletion(before, { type, id }, options.ifMatch, (previous) =>
        this.#state.stamp(previous),
      );
      return next && this.#write(next, before, undefined);
    });
  }

  #write(next: Stored, before: Current | undefined, resource: Resource | undefined): Stored {
    const document = documentOf(this.#state, next, before, resource);
    this.#touched.add(document._id);
    const { _id: reference, o: order, k: key, w: writeOrder, b: members } = document;
    this.#seen.set(reference, { ...next, members, order, key, writeOrder });
    this.#pending.write(document, before && formerOf(before, document.u));
    return { ...next, members };
  }

  lock(key: string): Promise<void> {
    return this.#next(async () => {
      const held = `lock ${key}`;
      this.#touched.add(held);
      // The holder of the lock may write what our snapshot would not show: wait for it before the transaction begins.
      if (!this.#held.takeIfFree(held)) throw new Conflict(`${held} is held`);
      await lockDocument((await this.#inside()).view, key);
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
    return this.#ask((view) => this.#journal.append(view, entry));
  }
  remember(key: string, answer: Remembered, expires?: string): Promise<void> {
    this.#touched.add(`answer ${key}`);
    const until = expires === undefined ? null : Date.parse(expires);
    return this.#next(() => this.#answers.keep({ key, answer, expires: until }));
  }
}
