import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { ResourceType } from '@medplum/fhirtypes';
import { HeldLeases } from '../../job.ts';
import type { Database } from './database.ts';
import { entriesMaxDefault } from '../../../search/extract.ts';
import { Registry } from '../../../search/registry.ts';
import { few } from '../search/condition.ts';
import { Names } from '../index/names.ts';
import { Scans } from '../search/scans.ts';
import { SqliteAudit } from '../audit/auditTrail.ts';
import { StoreTrouble } from './storeTrouble.ts';
import { Tally } from '../write/tally.ts';

/** Resources of a type have rids from no << 32 on, so that a type is one stretch of the table. */
export const typeSpan = 2 ** 32;

/** Totals of searches, and sizes of conditions, that are remembered. */
const [totalsMax, sizesMax] = [500, 2000];

/** A total that was counted, while nothing of the types it depends on is written. */
export interface Counted {
  readonly total: number;
  readonly generations: string;
}

/** The connection and what is kept in memory of the store, for reading and writing alike. */
export class SqliteState {
  readonly database: Database;
  readonly names: Names;
  readonly base: string | undefined;
  readonly registry: Registry;
  readonly indexEntriesMax: number; // of a resource
  /** Rows that are looked at before a criterion counts as one that selects little. */
  readonly few: number;
  /** The key by which cursors are signed. */
  readonly secret: string;
  /** Owner of the leases taken while the store is open this time. */
  readonly owner = randomUUID();
  readonly leases = new HeldLeases();
  readonly tally: Tally;
  readonly totals = new LRUCache<string, Counted>({ max: totalsMax });
  readonly scans: Scans;
  /** Rows of conditions as they were counted, and how many writes there had been. */
  readonly sizes = new LRUCache<string, { readonly size: number; readonly writes: number }>({
    max: sizesMax,
  });
  writes = 0;
  /** The generation of each type up to which its words are indexed. */
  readonly wordsOf = new Map<ResourceType, number>();
  /** What is wrong with the file, if anything. */
  readonly trouble: StoreTrouble;
  readonly audit: SqliteAudit;
  readonly #now: () => string;
  #lastStamp: string | undefined;
  readonly #lastRid = new Map<ResourceType, number>();
  readonly #generations = new Map<ResourceType, number>();
  readonly #written = new Set<ResourceType>();

  constructor(
    database: Database,
    options: {
      readonly now: () => string;
      readonly base?: string | undefined;
      readonly registry?: Registry | undefined;
      readonly few?: number | undefined;
      readonly indexEntriesMax?: number | undefined;
    },
    trouble = new StoreTrouble(undefined),
  ) {
    this.trouble = trouble;
    this.database = database;
    this.registry = options.registry ?? new Registry();
    this.names = new Names(database, this.registry);
    this.base = options.base;
    this.indexEntriesMax = options.indexEntriesMax ?? entriesMaxDefault;
    this.few = options.few ?? few;
    this.secret = String(database.get("SELECT value FROM setting WHERE name = 'secret'")?.[0]);
    this.scans = new Scans(database);
    this.tally = new Tally(database, this.names);
    this.#now = options.now;
    this.audit = new SqliteAudit(database, { now: () => this.now(), base: options.base });
  }

  /** The clock as epoch milliseconds. */
  now(): number {
    return Date.parse(this.#now());
  }

  /** The instant of a write: that of the clock, but never before that of an existing version. */
  stamp(): string {
    const now = new Date(this.#now()).toISOString();
    this.#lastStamp ??= this.#newest();
    if (now > this.#lastStamp) this.#lastStamp = now;
    return this.#lastStamp;
  }

  #newest(): string {
    const [updated] =
      this.database.get(
        'SELECT max((SELECT max(updated) FROM resource WHERE resource.type = type.no)) FROM type',
      ) ?? [];
    return new Date(Number(updated ?? 0)).toISOString();
  }

  /** Takes over the search parameters when the registry has changed; before a write it is also stored. */
  sync(forWriting: boolean): void {
    if (!this.names.parameters.isOutdated(forWriting)) return;
    if (this.database.connection.isTransaction) this.names.sync(forWriting);
    else this.#syncAlone(forWriting);
  }

  #syncAlone(forWriting: boolean): void {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      this.names.sync(forWriting);
      this.database.exec('COMMIT');
    } catch (error) {
      if (this.database.connection.isTransaction) this.database.exec('ROLLBACK');
      this.names.forget();
      throw error;
    }
    this.names.keep();
  }

  /** A number above that of every resource of the type. */
  nextRid(type: ResourceType): number {
    const next = this.lastRid(type) + 1;
    this.#lastRid.set(type, next);
    return next;
  }

  /** The number of the resource of the type that came last. */
  lastRid(type: ResourceType): number {
    const from = this.names.type(type) * typeSpan;
    if (from < 0) throw new Error(`${type} is no resource type`);
    const last = this.#lastRid.get(type) ?? this.#highestRid(from);
    this.#lastRid.set(type, last);
    return last;
  }

  #highestRid(from: number): number {
    const [rid] =
      this.database.get(
        'SELECT max(rid) FROM resource WHERE rid BETWEEN ? AND ?',
        from,
        from + typeSpan - 1,
      ) ?? [];
    return typeof rid === 'number' ? rid : from;
  }

  generation(type: ResourceType): number {
    return this.#generations.get(type) ?? 0;
  }

  /** A resource of the type was written. */
  wrote(type: ResourceType): void {
    this.writes += 1;
    this.#generations.set(type, this.generation(type) + 1);
    this.#written.add(type);
  }

  /** Called when work is committed: what it wrote is kept. */
  keep(): void {
    this.#written.clear();
    this.tally.keep();
    this.names.keep();
  }

  /** Called when work is rolled back: what was derived from its writes is dropped. */
  forget(): void {
    for (const type of this.#written) this.#generations.set(type, this.generation(type) + 1);
    this.#written.clear();
    this.tally.forget();
    this.names.forget();
  }

  /** Called when a commit did not reach the disk: all that was derived from it is dropped. */
  forgetAll(): void {
    for (const type of this.#generations.keys()) this.#written.add(type);
    this.forget();
    this.tally.forgetAll();
    this.names.reload();
  }
}
