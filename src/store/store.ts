import type { Resource, ResourceType } from '@medplum/fhirtypes';
import type { Entry } from '../datatypes/entry.ts';
import type { Target } from '../datatypes/reference.ts';
import type { SearchParameter, SearchQuery } from '../search/query.ts';
import type { Registry } from '../search/registry.ts';
import type { Access } from './access/access.ts';
import type { AsOfPage, AsOfQuery } from './asOf.ts';
import type { AuditTrail } from './audit.ts';
import type { Copying } from './copying.ts';
import type { Trouble } from '../outcome/trouble.ts';
import type { Jobs, JobWriter } from './job.ts';
import type { KeptRecord, RecordKey, Records } from './record.ts';
import type { Remembered, Stored } from './stored.ts';

export type { AsOfPage, AsOfQuery, AuditTrail, RecordKey, Records, Remembered, Stored };

/** One page of a search. `matches` come in order; `included` are what _include and _revinclude add. */
export interface SearchPage {
  readonly matches: readonly Stored[];
  readonly included: readonly Stored[];
  /** Versions that references name, where not all may be seen: to be judged by themselves. */
  readonly versions?: readonly Stored[];
  readonly total?: number;
  readonly next?: string; // cursor of the page after this one
}

/** History of a type or of the whole store, newest first. Times are epoch milliseconds. */
export interface HistoryQuery {
  readonly type?: ResourceType;
  /** Only versions written at or after this moment. */
  readonly since?: number;
  /** Only versions that were the current ones at some moment of this stretch; `high` exclusive. */
  readonly at?: { readonly low: number; readonly high: number };
  readonly count: number;
  readonly cursor?: string; // opaque, made by the store; another is refused with 400
}
export interface HistoryPage {
  readonly versions: readonly Stored[];
  readonly next?: string;
}

/** How a search is answered: for the log of a curious user, its shape is the store's own. */
export interface Explanation {
  readonly store: 'sqlite' | 'mongodb';
  readonly steps: readonly { readonly what: string; readonly index?: string; readonly plan: string }[];
}

/** How far the index of a parameter that came later is built: resources of its type. */
export interface IndexProgress {
  readonly parameter: SearchParameter;
  readonly done: number;
  readonly total: number;
}

/** One page of the journal. */
export interface EntryPage {
  readonly entries: Entry[];
  readonly orders: readonly number[];
  readonly next?: number; // there may be more after this place
}

/** What can be asked. A deleted resource is answered with `deleted: true`, one never known with undefined. */
export interface Reader {
  read(type: ResourceType, id: string): Promise<Stored | undefined>;
  vread(type: ResourceType, id: string, version: number): Promise<Stored | undefined>;
  /** Newest first, at most `count`, from just below version `before`. */
  history(type: ResourceType, id: string, page: { count: number; before?: number }): Promise<Stored[]>;
  /** Those of the versions that follow a deletion: with them a resource was created anew. */
  revivals(versions: readonly Stored[]): Promise<ReadonlySet<Stored>>;
  /** Versions of all resources (of a type), newest first. A page never repeats or misses what was there throughout. */
  changes(query: HistoryQuery): Promise<HistoryPage>;
  /** Throws 400 `index-building` where a parameter of the query has no complete index yet. */
  search(query: SearchQuery): Promise<SearchPage>;
  explain(query: SearchQuery): Promise<Explanation>;
  /** References (Type/id) of current resources that refer to this one, at most `count`, and how many there are. */
  referrers(type: ResourceType, id: string, count: number): Promise<{ references: string[]; total: number }>;
  /** The journal of one Account, oldest first. */
  journal(account: string): Promise<Entry[]>;
  /** The whole journal in pages, oldest first; `orders` are their places in it, each after `after`. */
  entries(page: { count: number; after?: number }): Promise<EntryPage>;
  /** Who holds a unique key: a reference; undefined when nobody does. */
  holder(key: string): Promise<string | undefined>;
  recall(key: string): Promise<Remembered | undefined>;
  /** The records beside FHIR of these keys that are there, in one question: rows of coding tables (decision 0045). */
  gathered(keys: readonly RecordKey[]): Promise<readonly KeptRecord[]>;
  /**
   * Another value whenever a resource of the type was written, never used twice (also after a write that is rolled
   * back): what a cache of derived data is checked by.
   */
  generation(type: ResourceType): Promise<number | string>;
}

/**
 * What can be asked and done inside one transaction; it sees its own writes at once.
 * Everything lands or nothing does. Inside, await nothing but these methods.
 */
export interface Transaction extends Reader {
  /** Background work that lands with the rest. */
  readonly jobs: JobWriter;
  /**
   * Says which resources will be read or written by id, and which unique keys will be asked for, so that a store to which
   * each question is a message asks for all of them in one. Nothing depends on it but time. False where that gains none.
   */
  readAhead(targets: readonly Target[], keys?: readonly string[]): Promise<boolean>;
  /**
   * Writes the next version of resource.id, creating it where there is none, index entries included. Sets
   * meta.versionId and meta.lastUpdated on the resource handed in. A resource equal to the current version
   * (meta.versionId and lastUpdated apart) writes none and answers with the current one.
   * Throws 412 when `ifMatch` is not the current version. `fresh`: the id was just made, nobody has it.
   */
  put(
    resource: Resource & { id: string },
    options?: { method?: 'POST' | 'PUT'; ifMatch?: number; fresh?: boolean },
  ): Promise<Stored>;
  /** Writes a deletion; undefined when there was nothing (or it was deleted already). */
  delete(type: ResourceType, id: string, options?: { ifMatch?: number }): Promise<Stored | undefined>;
  /**
   * Of two transactions that lock one key the second begins its work after the first has ended, and sees what it
   * wrote. To be called before what depends on it is read. (Where writers run one after another: nothing to do.)
   */
  lock(key: string): Promise<void>;
  /** Takes a unique key for a reference; throws 409 when another reference holds it. */
  reserve(key: string, holder: string): Promise<void>;
  release(key: string): Promise<void>;
  /** Appends to the journal. */
  append(entry: Entry): Promise<void>;
  /** Keeps an answer; `expires` is an instant, none means for ever. */
  remember(key: string, answer: Remembered, expires?: string): Promise<void>;
}

/** Keeps every version of every resource, and the journal. Both stores pass test/contract/storeContract.ts. */
export interface Store extends Reader {
  /** The search parameters that it indexes. */
  readonly registry: Registry;
  /**
   * Indexes what the registry has anew or otherwise than before, in the background, batch by batch; resolves when all
   * is built. What is written meanwhile is indexed at once.
   */
  buildIndex(): Promise<void>;
  /** `follow` is called, and waited for, whenever another server of the store may have stored a SearchParameter. */
  onDefined(follow: () => Promise<unknown>): void;
  /** Makes the whole index anew, a type at a time; answers how many resources were indexed. */
  reindex(): Promise<number>;
  /** The parameters whose index is being built. */
  building(): Promise<readonly IndexProgress[]>;
  /** Runs `work`; resolves only when what it wrote is flushed to disk. May run `work` again on a conflict. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** The store as a principal sees it; what is hidden from them does not exist. See docs/decision/0022. */
  as(access: Access): Store;
  /**
   * Versions of a type that were current at a moment, page by page. Pages of one moment fit together whatever is written
   * meanwhile: none is missed and none comes twice.
   */
  asOf(query: AsOfQuery): Promise<AsOfPage>;
  /** Resolves once what was written up to a moment (epoch milliseconds) has landed, so that it can be read as of then. */
  settled(at: number): Promise<void>;
  /** Background work: taking it and watching it. */
  readonly jobs: Jobs;
  /** What the authorization server keeps beside FHIR. */
  readonly records: Records;
  /** The records of access. */
  readonly audit: AuditTrail;
  /** What `npm run move` copies it by. */
  readonly copying: Copying;
  /** What is wrong with the store while it is served (full, damaged, taken away), if anything. */
  trouble(): Trouble | undefined;
  /** True when nothing was ever written. */
  empty(): Promise<boolean>;
  close(): Promise<void>;
}
