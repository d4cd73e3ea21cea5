import { LRUCache } from 'lru-cache';
import type { ClientSession, MongoClient } from 'mongodb';
import { entriesMaxDefault } from '../../../search/extract.ts';
import { Registry } from '../../../search/registry.ts';
import { HeldLeases } from '../../job.ts';
import type { IndexProgress } from '../../store.ts';
import type { Collections } from './collections.ts';
import { KeyedQueue } from '../cluster/keyedQueue.ts';
import { ClusterMembership } from '../cluster/clusterMembership.ts';
import { WriterSlots } from '../cluster/writerSlots.ts';
import { Together } from '../write/together.ts';
import { Written } from '../write/written.ts';
import { MongoAudit } from '../audit/auditTrail.ts';

/** Concurrent writers of one server: with more there are only more conflicts. */
const writersMax = 32;
/** Most servers of one store: each has a number, the low part of its write orders. */
export const partsMax = 64;
const perMillisecond = 2048;
/** Most searches whose total, or course, is remembered. */
const rememberedMax = 500;

export interface MongoStateOptions {
  readonly now: () => string;
  readonly base?: string | undefined;
  readonly indexEntriesMax?: number | undefined; // of a resource
  readonly registry?: Registry | undefined;
  /** Opens a store that a move into is not finished. */
  readonly moving?: boolean;
  /** Opens it read-only: nothing is prepared or indexed, and no server may use it meanwhile. */
  readonly reading?: boolean;
  /** Called with a sentence that says why opening takes long. */
  readonly told?: (text: string) => void;
}

/** The course of an earlier search: it chooses the plan of the next equal one; the result is the same. */
export interface Tried {
  readonly wide: ReadonlySet<number>; // which of the criteria lead to more than a list takes
  readonly share: number; // of candidates that met the tests
}

/** A total that was counted, and the state for which it is valid. */
export interface Counted {
  readonly total: number;
  readonly servers: number; // rises when a server comes
  readonly written: number; // rises when this one writes what the total is about
}

/** The connection and what is kept in memory of the store, for reading and writing alike. */
export class MongoState {
  readonly client: MongoClient;
  readonly collections: Collections;
  readonly together: Together;
  readonly base: string | undefined;
  readonly indexEntriesMax: number; // of a resource
  readonly registry: Registry;
  /** The key by which cursors are signed. */
  readonly secret: string;
  /** The number of this server among those of the store, below partsMax. */
  readonly part: number;
  /** True for a sharded cluster, where a shard alone cannot see that an id is taken. */
  readonly isSharded: boolean;
  readonly queue = new KeyedQueue();
  readonly writerSlots = new WriterSlots(writersMax);
  /** Totals that were counted, by what was searched for. */
  readonly totals = new LRUCache<string, Counted>({ max: rememberedMax });
  /** How searches by chains and _has went, by what was searched for. */
  readonly tried = new LRUCache<string, Tried>({ max: rememberedMax });
  readonly written = new Written();
  /** The parameters that are being indexed, by type and code. */
  readonly building = new Map<string, IndexProgress>();
  /** What the index of each parameter was made by, as this server last read it. */
  made: Readonly<Record<string, string>> = {};
  /** The build that is at work, or the last one. */
  indexing: Promise<void> = Promise.resolve();
  /** This server among those of the store. */
  readonly membership = new ClusterMembership(this);
  readonly leases = new HeldLeases();
  readonly audit: MongoAudit;
  isClosing = false;
  readonly isReading: boolean;
  readonly #now: () => string;
  #order: number;

  constructor(
    client: MongoClient,
    collections: Collections,
    options: MongoStateOptions & {
      readonly secret: string;
      readonly part: number;
      readonly lastOrder: number;
      readonly isSharded: boolean;
    },
  ) {
    this.client = client;
    this.collections = collections;
    this.together = new Together(collections);
    this.registry = options.registry ?? new Registry();
    this.isReading = options.reading === true;
    this.base = options.base;
    this.indexEntriesMax = options.indexEntriesMax ?? entriesMaxDefault;
    this.secret = options.secret;
    this.part = options.part;
    this.isSharded = options.isSharded;
    this.#now = options.now;
    this.audit = new MongoAudit(collections.audit, { now: () => this.now(), base: options.base });
    this.#order = options.lastOrder;
  }

  /** The clock as epoch milliseconds. */
  now(): number {
    return Date.parse(this.#now());
  }

  /** The instant of a write: the clock's, but never before the version it follows. */
  stamp(previous: string | undefined): string {
    const now = new Date(this.#now()).toISOString();
    return previous !== undefined && previous > now ? previous : now;
  }

  /** The order of a write: above every one before and `beyond`, and no other server's. */
  nextOrder(beyond = 0): number {
    const least = Math.max(Date.now() * perMillisecond, this.#order + 1, beyond + 1);
    this.#order = Math.ceil((least - this.part) / partsMax) * partsMax + this.part;
    return this.#order;
  }
}

/** The data that a read sees: that of a transaction, by its session, else what is committed. */
export interface View {
  readonly state: MongoState;
  readonly session?: ClientSession;
}

/** The view of a transaction. */
export interface TransactionView extends View {
  readonly session: ClientSession;
}

/** The session option of a query. */
export const within = ({ session }: View): { session?: ClientSession } => (session ? { session } : {});
