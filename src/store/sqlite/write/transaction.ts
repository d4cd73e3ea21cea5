import type { Resource, ResourceType } from '@medplum/fhirtypes';
import type { Entry } from '../../../datatypes/entry.ts';
import { duplicate } from '../../../outcome/fhirError.ts';
import type {
  EntryPage,
  Explanation,
  HistoryPage,
  HistoryQuery,
  Remembered,
  SearchPage,
  Stored,
  Transaction,
} from '../../store.ts';
import type { SearchQuery } from '../../../search/query.ts';
import { changes } from '../history/changes.ts';
import { explain } from '../search/explain.ts';
import { append, entries, journal } from './journal.ts';
import {
  current,
  history,
  type Current,
  holder,
  recall,
  referrers,
  revivals,
  vread,
} from '../history/read.ts';
import { search } from '../search/search.ts';
import type { SqliteState } from '../connection/sqliteState.ts';
import { put, remove } from './write.ts';
import type { JobWriter } from '../../job.ts';
import type { KeptRecord, RecordKey } from '../../record.ts';
import { gathered } from '../record/records.ts';
import { jobWriter } from '../job/jobWriter.ts';

/** How many versions are remembered at most, and of how many bytes each: a long import reads each resource once. */
const knownMax = 200;
const knownBytesMax = 64 * 1024;

/** What one piece of work may do, until it ends. */
export class SqliteTransaction implements Transaction {
  readonly #open: SqliteState;
  #ended = false;
  /** Current versions that were read here: an operation asks for the same ones again and again. */
  readonly #known = new Map<string, Current | undefined>();
  readonly jobs: JobWriter;

  constructor(state: SqliteState) {
    this.#open = state;
    this.jobs = jobWriter(() => this.#state);
  }

  /** From now on every call throws, as other work uses the connection. */
  end(): void {
    this.#ended = true;
  }

  get #state(): SqliteState {
    if (this.#ended) throw new Error('the transaction has ended');
    return this.#open;
  }

  #current(type: ResourceType, id: string): Current | undefined {
    const state = this.#state;
    const key = `${type}/${id}`;
    const known = this.#known.get(key);
    if (known !== undefined || this.#known.has(key)) return known;
    if (this.#known.size >= knownMax) this.#known.clear();
    const found = current(state, type, id);
    if ((found?.json.byteLength ?? 0) <= knownBytesMax) this.#known.set(key, found);
    return found;
  }

  // Async although nothing is awaited: what is thrown becomes a rejection.
  /* eslint-disable @typescript-eslint/require-await */
  async read(type: ResourceType, id: string): Promise<Stored | undefined> {
    return this.#current(type, id);
  }
  async vread(type: ResourceType, id: string, version: number): Promise<Stored | undefined> {
    return vread(this.#state, type, id, version);
  }
  async history(type: ResourceType, id: string, page: { count: number; before?: number }): Promise<Stored[]> {
    return history(this.#state, { type, id }, page);
  }
  async revivals(versions: readonly Stored[]): Promise<ReadonlySet<Stored>> {
    return revivals(this.#state, versions);
  }
  async changes(query: HistoryQuery): Promise<HistoryPage> {
    return changes(this.#state, query);
  }
  async explain(query: SearchQuery): Promise<Explanation> {
    return explain(this.#state, query);
  }
  async search(query: SearchQuery): Promise<SearchPage> {
    return search(this.#state, query);
  }
  async referrers(
    type: ResourceType,
    id: string,
    count: number,
  ): Promise<{ references: string[]; total: number }> {
    return referrers(this.#state, { type, id }, count);
  }
  async journal(account: string): Promise<Entry[]> {
    return journal(this.#state, account);
  }
  async entries(page: { count: number; after?: number }): Promise<EntryPage> {
    return entries(this.#state, page);
  }
  async holder(key: string): Promise<string | undefined> {
    return holder(this.#state, key);
  }
  async recall(key: string): Promise<Remembered | undefined> {
    return recall(this.#state, key);
  }
  async gathered(keys: readonly RecordKey[]): Promise<readonly KeptRecord[]> {
    return gathered(this.#state, keys);
  }
  async generation(type: ResourceType): Promise<number> {
    return this.#state.generation(type);
  }

  async put(
    resource: Resource & { id: string },
    options?: { method?: 'POST' | 'PUT'; ifMatch?: number; fresh?: boolean },
  ): Promise<Stored> {
    const { resourceType: type, id } = resource;
    const before = options?.fresh === true ? undefined : this.#current(type, id);
    this.#known.delete(`${type}/${id}`);
    return put(this.#state, resource, before, options);
  }
  async delete(type: ResourceType, id: string, options?: { ifMatch?: number }): Promise<Stored | undefined> {
    const before = this.#current(type, id);
    this.#known.delete(`${type}/${id}`);
    return remove(this.#state, before, { type, id }, options?.ifMatch);
  }
  /** Nothing to do: a read needs no message to a server. */
  async readAhead(): Promise<boolean> {
    if (this.#ended) throw new Error('the transaction has ended');
    return false;
  }
  /** Nothing to do: writers run one at a time. */
  async lock(): Promise<void> {
    if (this.#ended) throw new Error('the transaction has ended');
  }
  async reserve(key: string, by: string): Promise<void> {
    const taken = this.#state.database.run(
      'INSERT OR IGNORE INTO unique_key (key, holder) VALUES (?, ?)',
      key,
      by,
    );
    if (taken === 0 && holder(this.#state, key) !== by)
      throw duplicate('key-taken', `${holder(this.#state, key) ?? 'Another'} holds this business key`);
  }
  async release(key: string): Promise<void> {
    this.#state.database.run('DELETE FROM unique_key WHERE key = ?', key);
  }
  async append(entry: Entry): Promise<void> {
    append(this.#state, entry);
  }
  async remember(key: string, answer: Remembered, expires?: string): Promise<void> {
    const { database } = this.#state;
    database.run('DELETE FROM answer WHERE expires IS NOT NULL AND expires <= ?', this.#state.now());
    database.run(
      'INSERT OR REPLACE INTO answer (key, body_hash, status, headers, body, expires) VALUES (?, ?, ?, ?, ?, ?)',
      ...[key, answer.bodyHash, answer.status, JSON.stringify(answer.headers), answer.body],
      expires === undefined ? null : Date.parse(expires),
    );
  }
  /* eslint-enable @typescript-eslint/require-await */
}
