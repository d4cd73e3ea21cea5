import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ResourceType } from '@medplum/fhirtypes';
import type { Entry } from '../../datatypes/entry.ts';
import type { SearchQuery } from '../../search/query.ts';
import type { Registry } from '../../search/registry.ts';
import { resourceTypes } from '../../datatypes/resourceType.ts';
import type {
  AsOfPage,
  AsOfQuery,
  EntryPage,
  Explanation,
  HistoryPage,
  HistoryQuery,
  IndexProgress,
  Remembered,
  SearchPage,
  Store,
  Stored,
  Transaction,
} from '../store.ts';
import { buildIndex, indexType } from './index/buildIndex.ts';
import { keepMembers } from './index/keepMembers.ts';
import { refuseBuilding } from './index/building.ts';
import { FhirError } from '../../outcome/fhirError.ts';
import type { Access } from '../access/access.ts';
import { Accesses } from '../access/confinedStore.ts';
import type { Copying } from '../copying.ts';
import { asOf } from './history/asOf.ts';
import { changes } from './history/changes.ts';
import { isCharted } from './index/charted.ts';
import { mongoCopying } from './copy/copying.ts';
import { explain } from './search/explain.ts';
import * as read from './history/read.ts';
import { runTransaction } from './connection/run.ts';
import { search } from './search/search.ts';
import { indexFaults } from './index/indexFaults.ts';
import { hasAuxiliaryKeys } from './cluster/definitions.ts';
import { typesOf } from '../../search/typesOf.ts';
import type { MongoState, View } from './connection/mongoState.ts';
import type { Jobs } from '../job.ts';
import type { AuditTrail } from '../audit.ts';
import type { KeptRecord, RecordKey, Records } from '../record.ts';
import { gathered, mongoRecords } from './record/records.ts';
import { countJobs, listJobs, readJob, renewJob, takeJobs } from './job/jobs.ts';
import { asked } from './connection/transient.ts';

/** Milliseconds between two removals of expired answers. */
const sweepEvery = 60_000;

/** Milliseconds after which the database aborts a transaction that is not ended. */
const transactionLasts = 60_000;

/** Milliseconds in which writes of other servers land after their instant. */
const othersLand = 2000;

/** The store on a MongoDB replica set or cluster. */
export class MongoStore implements Store {
  readonly #state: MongoState;
  readonly #view: View;
  readonly #accesses: Accesses;
  readonly #atWork = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;
  #swept = 0;

  constructor(state: MongoState) {
    this.#state = state;
    this.#view = { state };
    this.#accesses = new Accesses(this, state);
  }

  as(access: Access): Store {
    return this.#accesses.as(access);
  }

  get copying(): Copying {
    return mongoCopying(this.#state);
  }

  get records(): Records {
    return mongoRecords(this.#state, (call) => {
      this.#sweep();
      return this.#track(asked(call));
    });
  }

  get audit(): AuditTrail {
    const { audit } = this.#state;
    return {
      append: (texts) => this.#track(audit.append(texts)),
      chains: () => this.#ask(() => audit.chains()),
      blocks: (from, count) => this.#ask(() => audit.blocks(from, count)),
    };
  }

  get jobs(): Jobs {
    return {
      read: (key) => this.#ask((view) => readJob(view, key)),
      counts: () => this.#ask(countJobs),
      list: (jobState, count) => this.#ask((view) => listJobs(view, jobState, count)),
      take: (query) => this.#track(this.#ask(({ state }) => takeJobs(state, query))),
      renew: (lease) => this.#ask(({ state }) => renewJob(state, lease)),
      leave: (lease) => {
        this.#state.leases.leave(lease);
      },
    };
  }

  get registry(): Registry {
    return this.#state.registry;
  }

  /** The differences between the index and the resources. */
  indexFaults(): AsyncGenerator<string> {
    return indexFaults(this.#state);
  }
  async buildIndex(): Promise<void> {
    if (this.#state.isReading) return;
    await this.#track(buildIndex(this.#state));
  }
  /** Started when the store is opened, in the background. */
  async keepMembers(): Promise<void> {
    await this.#track(keepMembers(this.#state));
  }
  onDefined(follow: () => Promise<unknown>): void {
    this.#state.membership.onDefined = follow;
  }
  /** None: the database watches its own files. */
  trouble(): undefined {
    return undefined;
  }
  building(): Promise<readonly IndexProgress[]> {
    return Promise.resolve([...this.#state.building.values()]);
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#atWork.add(work);
    try {
      return await work;
    } finally {
      this.#atWork.delete(work);
    }
  }

  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    this.#sweep();
    return this.#track(this.#write(work));
  }

  async #write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const { membership } = this.#state;
    while (!membership.isReady) await asked(() => membership.ready());
    const landed = this.#state.written.begin();
    try {
      const value = await membership.writing(runTransaction(this.#state, work));
      landed();
      return value;
    } catch (error) {
      // When the outcome is unknown, it may still land for as long as a transaction lasts.
      if (error instanceof FhirError && error.status === 503) setTimeout(landed, transactionLasts).unref();
      else landed();
      throw error;
    }
  }

  /** Removes expired answers from time to time, outside of transactions, where it would conflict with other servers. */
  #sweep(): void {
    if (performance.now() - this.#swept < sweepEvery) return;
    this.#swept = performance.now();
    const { answer, record } = this.#state.collections;
    const expired = { e: { $ne: null, $lte: this.#state.now() } };
    const swept = Promise.all([answer.deleteMany(expired), record.deleteMany(expired)]);
    void this.#track(swept.catch(() => undefined));
  }

  #ask<T>(question: (view: View) => Promise<T>): Promise<T> {
    return asked(() => question(this.#view));
  }

  read(type: ResourceType, id: string): Promise<Stored | undefined> {
    return this.#ask((view) => read.current(view, type, id));
  }
  vread(type: ResourceType, id: string, version: number): Promise<Stored | undefined> {
    return this.#ask((view) => read.vread(view, type, id, version));
  }
  history(type: ResourceType, id: string, page: { count: number; before?: number }): Promise<Stored[]> {
    return this.#ask((view) => read.history(view, { type, id }, page));
  }
  revivals(versions: readonly Stored[]): Promise<ReadonlySet<Stored>> {
    return this.#ask((view) => read.revivals(view, versions));
  }
  changes(query: HistoryQuery): Promise<HistoryPage> {
    return this.#ask((view) => changes(view, query));
  }
  asOf(query: AsOfQuery): Promise<AsOfPage> {
    return this.#ask((view) => asOf(view, query));
  }
  /**
   * Our own writers that had begun by then are waited for. Those of other servers have stamped what they write a little
   * before it lands, by clocks that differ a little.
   */
  async settled(at: number): Promise<void> {
    const { written, collections } = this.#state;
    if (this.#state.now() <= at) await pause(2);
    const begun = written.now;
    const last = performance.now() + transactionLasts;
    while (!written.hasLanded(begun) && performance.now() < last) await pause(10);
    const servers = await asked(() => collections.server.countDocuments({}, { limit: 2 }));
    if (servers > 1) await pause(othersLand);
  }
  search(query: SearchQuery): Promise<SearchPage> {
    return this.#ask(async (view) => {
      const { state } = view;
      const { membership } = state;
      for (;;) {
        if (!membership.isPresent) await membership.renew();
        const aided = typesOf(query).filter((type) => hasAuxiliaryKeys(state, type));
        const page = await search(view, query);
        // Another server may have removed a parameter or auxiliary keys from the index meanwhile.
        if (!membership.isPresent) await membership.renew();
        refuseBuilding(state, query);
        if (aided.every((type) => hasAuxiliaryKeys(state, type))) return page;
      }
    });
  }
  explain(query: SearchQuery): Promise<Explanation> {
    return this.#ask((view) => explain(view, query));
  }
  referrers(type: ResourceType, id: string, count: number): Promise<{ references: string[]; total: number }> {
    return this.#ask((view) => read.referrers(view, { type, id }, count));
  }
  journal(account: string): Promise<Entry[]> {
    return this.#ask((view) => read.journal(view, account));
  }
  entries(page: { count: number; after?: number }): Promise<EntryPage> {
    return this.#ask((view) => read.entries(view, page));
  }
  holder(key: string): Promise<string | undefined> {
    return this.#ask((view) => read.holder(view, key));
  }
  recall(key: string): Promise<Remembered | undefined> {
    return this.#ask((view) => read.recall(view, key));
  }
  gathered(keys: readonly RecordKey[]): Promise<readonly KeptRecord[]> {
    return this.#ask((view) => gathered(view, keys));
  }
  generation(type: ResourceType): Promise<string> {
    if (isCharted(type)) return Promise.resolve(randomUUID());
    return this.#ask(async (view) => (await read.generations(view)).get(type) ?? '');
  }

  empty(): Promise<boolean> {
    return this.#ask(async ({ state: { collections } }) => {
      const [resource, entry] = await Promise.all([
        collections.resource.findOne({}, { projection: { _id: 1 } }),
        collections.journal.findOne({}, { projection: { _id: 1 } }),
      ]);
      return !resource && !entry;
    });
  }

  /** Makes the index anew, a type at a time; answers how many resources were indexed. */
  async reindex(): Promise<number> {
    let resources = 0;
    await this.#state.membership.settle();
    for (const type of resourceTypes) resources += await indexType(this.#state, type);
    return resources;
  }

  /** Waits for what is under way; a second call does nothing more. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#state.isClosing = true;
    while (this.#atWork.size > 0) await Promise.allSettled(this.#atWork);
    await this.#state.membership.leave();
    await this.#state.client.close();
  }
}
