import type { ResourceType } from '@medplum/fhirtypes';
import { resourceTypes } from '../../datatypes/resourceType.ts';
import type { Entry } from '../../datatypes/entry.ts';
import type { SearchQuery } from '../../search/query.ts';
import type { Registry } from '../../search/registry.ts';
import type { Access } from '../access/access.ts';
import { Accesses } from '../access/confinedStore.ts';
import type { Copying } from '../copying.ts';
import type {
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
import { changes } from './history/changes.ts';
import { sqliteCopying } from './copy/copying.ts';
import { explain } from './search/explain.ts';
import { entries, journal } from './write/journal.ts';
import { current, history, holder, recall, referrers, revivals, vread } from './history/read.ts';
import { reindexType } from './index/reindex.ts';
import { search } from './search/search.ts';
import type { Shared } from './connection/sqliteState.ts';
import { takeRoom } from './connection/storeTrouble.ts';
import { SqliteTransaction } from './write/transaction.ts';
import type { Trouble } from '../../outcome/trouble.ts';
import type { Jobs } from '../job.ts';
import type { Records } from '../record.ts';
import { sqliteRecords } from './record/records.ts';
import { countJobs, listJobs, readJob, renewJob, takeJobs } from './job/jobs.ts';
import { fillSome, typesDue } from './index/words.ts';

/** Milliseconds between two looks whether a full disk has room again. */
const recoveryInterval = 1000;

/** The store on one SQLite file and one connection: writes in groups, reads between them. */
export class SqliteStore implements Store {
  readonly #shared: Shared;
  readonly #group: GroupCommit;
  readonly #release: () => void;
  readonly #accesses: Accesses;
  readonly #recovery: NodeJS.Timeout;
  #building: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(shared: Shared, release: () => void) {
    this.#shared = shared;
    this.#group = new GroupCommit(shared);
    this.#release = release;
    this.#accesses = new Accesses(this, shared);
    this.#recovery = setInterval(() => {
      if (shared.trouble.isFull && !this.#group.running) void this.#tryRoom();
    }, recoveryInterval).unref();
  }

  /** What is wrong with the store's file at present, if anything. */
  trouble(): Trouble | undefined {
    return this.#shared.trouble.current();
  }

  /** On a full disk: frees what SQLite's journal takes and writes a little; where that goes well, there is room again. */
  async #tryRoom(): Promise<void> {
    const { database } = this.#shared;
    try {
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      for (const sql of takeRoom)
        await this.#group.run(
          () => Promise.resolve(database.run(sql)),
          () => undefined,
        );
    } catch {
      // still full: it is tried again
    }
  }

  as(access: Access): Store {
    return this.#accesses.as(access);
  }

  get copying(): Copying {
    return sqliteCopying(this.#shared, (work) => this.#group.run(work, () => undefined));
  }

  /** One piece of work as a commit of its own. */
  #writeAlone<T>(work: (shared: Shared) => T): Promise<T> {
    return this.#group.run(
      () => Promise.resolve().then(() => work(this.#shared)),
      () => undefined,
    );
  }

  get records(): Records {
    return sqliteRecords(
      (question) => this.#ask(question),
      (work) => this.#writeAlone(work),
    );
  }

  get jobs(): Jobs {
    const write = <T>(work: (shared: Shared) => T): Promise<T> => this.#writeAlone(work);
    return {
      read: (key) => this.#ask((shared) => readJob(shared, key)),
      counts: () => this.#ask(countJobs),
      list: (state, count) => this.#ask((shared) => listJobs(shared, state, count)),
      take: (query) => write((shared) => takeJobs(shared, query)),
      renew: (lease) =>
        write((shared) => {
          renewJob(shared, lease);
        }),
      leave: (lease) => {
        this.#shared.leases.leave(lease);
      },
    };
  }

  get registry(): Registry {
    return this.#shared.registry;
  }

  buildIndex(): Promise<void> {
    this.#building = this.#building.then(() => this.#build());
    return this.#building;
  }
  /** A step in each transaction, so that requests go on between; ends early when the store is closed. */
  async #build(): Promise<void> {
    const step = (): Promise<boolean> => Promise.resolve(buildStep(this.#shared));
    while (!this.#closing && (await this.#group.run(step, () => undefined)));
  }
  /** Nobody else writes to the file. */
  onDefined(): void {
    return undefined;
  }
  building(): Promise<readonly IndexProgress[]> {
    return this.#ask((shared) => progress(shared));
  }

  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const tx = new SqliteTransaction(this.#shared);
    return this.#group.run(
      async () => work(tx),
      () => {
        tx.end();
      },
    );
  }

  /** Asks when no group is at work: nobody sees what is not committed. */
  async #ask<T>(question: (shared: Shared) => T): Promise<T> {
    while (this.#group.running) await this.#group.running;
    try {
      return question(this.#shared);
    } catch (error) {
      throw this.#shared.trouble.meet(error);
    }
  }

  read(type: ResourceType, id: string): Promise<Stored | undefined> {
    return this.#ask((shared) => current(shared, type, id));
  }
  vread(type: ResourceType, id: string, version: number): Promise<Stored | undefined> {
    return this.#ask((shared) => vread(shared, type, id, version));
  }
  history(type: ResourceType, id: string, page: { count: number; before?: number }): Promise<Stored[]> {
    return this.#ask((shared) => history(shared, { type, id }, page));
  }
  revivals(versions: readonly Stored[]): Promise<ReadonlySet<Stored>> {
    return this.#ask((shared) => revivals(shared, versions));
  }
  changes(query: HistoryQuery): Promise<HistoryPage> {
    return this.#ask((shared) => changes(shared, query));
  }
  async explain(query: SearchQuery): Promise<Explanation> {
    await this.#prepareWords(query);
    return this.#ask((shared) => explain(shared, query));
  }
  async search(query: SearchQuery): Promise<SearchPage> {
    await this.#prepareWords(query);
    return this.#ask((shared) => search(shared, query));
  }
  /** The words that a query asks for are indexed before, batch by batch, so that others are answered meanwhile. */
  async #prepareWords(query: SearchQuery): Promise<void> {
    for (const type of typesDue(this.#shared, query)) {
      const step = (): Promise<boolean> => Promise.resolve(fillSome(this.#shared, type));
      while (await this.#group.run(step, () => undefined));
    }
  }
  referrers(type: ResourceType, id: string, count: number): Promise<{ references: string[]; total: number }> {
    return this.#ask((shared) => referrers(shared, { type, id }, count));
  }
  journal(account: string): Promise<Entry[]> {
    return this.#ask((shared) => journal(shared, account));
  }
  entries(page: { count: number; after?: number }): Promise<{ entries: Entry[]; next?: number }> {
    return this.#ask((shared) => entries(shared, page));
  }
  holder(key: string): Promise<string | undefined> {
    return this.#ask((shared) => holder(shared, key));
  }
  recall(key: string): Promise<Remembered | undefined> {
    return this.#ask((shared) => recall(shared, key));
  }
  generation(type: ResourceType): Promise<number> {
    return this.#ask((shared) => shared.generation(type));
  }

  empty(): Promise<boolean> {
    const sql = 'SELECT EXISTS (SELECT 1 FROM resource) OR EXISTS (SELECT 1 FROM journal)';
    return this.#ask(({ database }) => database.get(sql)?.[0] === 0);
  }

  /** Makes the index anew, a type in each transaction; answers how many resources were indexed. */
  async reindex(): Promise<number> {
    let resources = 0;
    for (const type of resourceTypes) {
      const shared = this.#shared;
      const index = (): Promise<number> => Promise.resolve(reindexType(shared, type));
      resources += await this.#group.run(index, () => undefined);
    }
    return resources;
  }

  /** Waits for what is under way; a second call does nothing more. */
  close(): Promise<void> {
    clearInterval(this.#recovery);
    this.#closing ??= this.#group.idle().then(() => {
      this.#shared.trouble.rescue(this.#shared.database);
      this.#shared.database.close();
      this.#release();
    });
    return this.#closing;
  }
}
