import type { ResourceType } from '@medplum/fhirtypes';
import { resourceTypes } from '../../datatypes/resourceType.ts';
import type { Entry } from '../../datatypes/entry.ts';
import type { SearchQuery } from '../../search/query.ts';
import type { Registry } from '../../search/registry.ts';
import type { Access } from '../access/access.ts';
import { Accesses } from '../access/confinedStore.ts';
import type { Copying } from '../copying.ts';
import { setTimeout as pause } from 'node:timers/promises';
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
import { buildStep, progress } from './index/build.ts';
import { GroupCommit } from './connection/groupCommit.ts';
import { asOf } from './history/asOf.ts';
import { changes } from './history/changes.ts';
import { sqliteCopying } from './copy/copying.ts';
import { explain } from './search/explain.ts';
import { entries, journal } from './write/journal.ts';
import { current, history, holder, recall, referrers, revivals, vread } from './history/read.ts';
import { reindexType } from './index/reindex.ts';
import { search } from './search/search.ts';
import type { SqliteState } from './connection/sqliteState.ts';
import { takeRoom } from './connection/storeTrouble.ts';
import { SqliteTransaction } from './write/transaction.ts';
import type { Trouble } from '../../outcome/trouble.ts';
import type { Jobs } from '../job.ts';
import type { AuditTrail } from '../audit.ts';
import type { KeptRecord, RecordKey, Records } from '../record.ts';
import { gathered, sqliteRecords } from './record/records.ts';
import { countJobs, listJobs, readJob, renewJob, takeJobs } from './job/jobs.ts';
import { fillSome, typesDue } from './index/words.ts';

/** Milliseconds between two checks whether a full disk has free space again. */
const recoveryInterval = 1000;

/** The store on one SQLite file and one connection: writes in groups, reads between them. */
export class SqliteStore implements Store {
  readonly #state: SqliteState;
  readonly #group: GroupCommit;
  readonly #release: () => void;
  readonly #accesses: Accesses;
  readonly #recovery: NodeJS.Timeout;
  #building: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(state: SqliteState, release: () => void) {
    this.#state = state;
    this.#group = new GroupCommit(state);
    this.#release = release;
    this.#accesses = new Accesses(this, state);
    state.audit.flush = () => {
      void this.#writeAlone(() => undefined).catch(() => undefined); // whoever waits for the records is told
    };
    this.#recovery = setInterval(() => {
      if (state.trouble.isFull && !this.#group.running) void this.#tryRoom();
      state.trouble.tellRoom();
    }, recoveryInterval).unref();
  }

  /** What is wrong with the store's file at present, if anything. */
  trouble(): Trouble | undefined {
    return this.#state.trouble.current();
  }

  /** On a full disk: truncates SQLite's journal and makes a small write; the fault ends when both succeed. */
  async #tryRoom(): Promise<void> {
    const { database } = this.#state;
    try {
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      for (const sql of takeRoom)
        await this.#group.run(
          () => Promise.resolve(database.run(sql)),
          () => undefined,
        );
      this.#state.trouble.foundRoom();
    } catch {
      // still full: it is tried again
    }
  }

  as(access: Access): Store {
    return this.#accesses.as(access);
  }

  get copying(): Copying {
    return sqliteCopying(this.#state, (work) => this.#group.run(work, () => undefined));
  }

  /** One piece of work as a commit of its own. */
  #writeAlone<T>(work: (state: SqliteState) => T): Promise<T> {
    return this.#group.run(
      () => Promise.resolve().then(() => work(this.#state)),
      () => undefined,
    );
  }

  get records(): Records {
    return sqliteRecords(
      (question) => this.#ask(question),
      (work) => this.#writeAlone(work),
    );
  }

  get audit(): AuditTrail {
    const { audit } = this.#state;
    return {
      append: (texts) => audit.append(texts),
      chains: () => this.#ask(() => audit.chains()),
      blocks: (from, count) => this.#ask(() => audit.blocks(from, count)),
    };
  }

  get jobs(): Jobs {
    const write = <T>(work: (state: SqliteState) => T): Promise<T> => this.#writeAlone(work);
    return {
      read: (key) => this.#ask((state) => readJob(state, key)),
      counts: () => this.#ask(countJobs),
      list: (jobState, count) => this.#ask((state) => listJobs(state, jobState, count)),
      take: (query) => write((state) => takeJobs(state, query)),
      renew: (lease) =>
        write((state) => {
          renewJob(state, lease);
        }),
      leave: (lease) => {
        this.#state.leases.leave(lease);
      },
    };
  }

  get registry(): Registry {
    return this.#state.registry;
  }

  buildIndex(): Promise<void> {
    this.#building = this.#building.then(() => this.#build());
    return this.#building;
  }
  /** Runs one step per transaction, so that requests are served between steps; ends early when the store is closed. */
  async #build(): Promise<void> {
    const step = (): Promise<boolean> => Promise.resolve(buildStep(this.#state));
    while (!this.#closing && (await this.#group.run(step, () => undefined)));
  }
  /** Nobody else writes to the file. */
  onDefined(): void {
    return undefined;
  }
  building(): Promise<readonly IndexProgress[]> {
    return this.#ask((state) => progress(state));
  }

  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const tx = new SqliteTransaction(this.#state);
    return this.#group.run(
      async () => work(tx),
      () => {
        tx.end();
      },
    );
  }

  /** Reads while no group has a transaction open, so that only committed data is seen. */
  async #ask<T>(question: (state: SqliteState) => T): Promise<T> {
    while (this.#group.running) await this.#group.running;
    try {
      return question(this.#state);
    } catch (error) {
      throw this.#state.trouble.meet(error);
    }
  }

  read(type: ResourceType, id: string): Promise<Stored | undefined> {
    return this.#ask((state) => current(state, type, id));
  }
  vread(type: ResourceType, id: string, version: number): Promise<Stored | undefined> {
    return this.#ask((state) => vread(state, type, id, version));
  }
  history(type: ResourceType, id: string, page: { count: number; before?: number }): Promise<Stored[]> {
    return this.#ask((state) => history(state, { type, id }, page));
  }
  revivals(versions: readonly Stored[]): Promise<ReadonlySet<Stored>> {
    return this.#ask((state) => revivals(state, versions));
  }
  changes(query: HistoryQuery): Promise<HistoryPage> {
    return this.#ask((state) => changes(state, query));
  }
  asOf(query: AsOfQuery): Promise<AsOfPage> {
    return this.#ask((state) => asOf(state, query));
  }
  /** Writes are stamped one after another: what is stamped later than a millisecond begins after it has passed. */
  async settled(at: number): Promise<void> {
    if (this.#state.now() <= at) await pause(2);
    await this.#ask(() => undefined);
  }
  async explain(query: SearchQuery): Promise<Explanation> {
    await this.#prepareWords(query);
    return this.#ask((state) => explain(state, query));
  }
  async search(query: SearchQuery): Promise<SearchPage> {
    await this.#prepareWords(query);
    return this.#ask((state) => search(state, query));
  }
  /** Indexes the words that a query needs, batch by batch, so that other requests are served between batches. */
  async #prepareWords(query: SearchQuery): Promise<void> {
    for (const type of typesDue(this.#state, query)) {
      const step = (): Promise<boolean> => Promise.resolve(fillSome(this.#state, type));
      while (await this.#group.run(step, () => undefined));
    }
  }
  referrers(type: ResourceType, id: string, count: number): Promise<{ references: string[]; total: number }> {
    return this.#ask((state) => referrers(state, { type, id }, count));
  }
  journal(account: string): Promise<Entry[]> {
    return this.#ask((state) => journal(state, account));
  }
  entries(page: { count: number; after?: number }): Promise<EntryPage> {
    return this.#ask((state) => entries(state, page));
  }
  holder(key: string): Promise<string | undefined> {
    return this.#ask((state) => holder(state, key));
  }
  recall(key: string): Promise<Remembered | undefined> {
    return this.#ask((state) => recall(state, key));
  }
  gathered(keys: readonly RecordKey[]): Promise<readonly KeptRecord[]> {
    return this.#ask((state) => gathered(state, keys));
  }
  generation(type: ResourceType): Promise<number> {
    return this.#ask((state) => state.generation(type));
  }

  empty(): Promise<boolean> {
    const sql = 'SELECT EXISTS (SELECT 1 FROM resource) OR EXISTS (SELECT 1 FROM journal)';
    return this.#ask(({ database }) => database.get(sql)?.[0] === 0);
  }

  /** Makes the index anew, a type in each transaction; answers how many resources were indexed. */
  async reindex(): Promise<number> {
    let resources = 0;
    for (const type of resourceTypes) {
      const state = this.#state;
      const index = (): Promise<number> => Promise.resolve(reindexType(state, type));
      resources += await this.#group.run(index, () => undefined);
    }
    return resources;
  }

  /** Waits for what is under way; a second call does nothing more. */
  close(): Promise<void> {
    clearInterval(this.#recovery);
    this.#closing ??= this.#group.idle().then(() => {
      this.#state.audit.close();
      this.#state.trouble.tellRoom(0);
      this.#state.trouble.rescue(this.#state.database);
      this.#state.database.close();
      this.#release();
    });
    return this.#closing;
  }
}
