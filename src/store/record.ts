/**
 * A record beside FHIR: an account, a client of the authorization server, a grant, a session, a key. It has no versions
 * and no search finds it. `value` is JSON text; what is secret in it is hashed or encrypted by whoever keeps it.
 */
export interface KeptRecord {
  readonly kind: string;
  readonly key: string; // unique among those of its kind
  readonly value: string;
  readonly expires?: number; // epoch milliseconds; from then on it does not exist
  readonly grant?: string; // what it was given under: it goes when that is taken back
}

/** Names a record. */
export type RecordKey = Pick<KeptRecord, 'kind' | 'key'>;

/** One of many records of a kind: a JSON array. */
export type GatheredRecord = Pick<KeptRecord, 'key' | 'value'>;

/** Where a list goes on, and what it is of. */
export interface RecordQuery {
  readonly count: number;
  readonly after?: string; // a key; the list begins behind it
  readonly prefix?: string; // of the keys
}

/** Records of the store. Each call is one commit of its own, flushed before it resolves. */
export interface Records {
  find(kind: string, key: string): Promise<KeptRecord | undefined>;
  /** Records of a kind, in the order of the bytes of their keys. */
  list(kind: string, query: RecordQuery): Promise<readonly KeptRecord[]>;
  /** Keeps a record, whatever was kept under its key. */
  keep(record: KeptRecord): Promise<void>;
  /** Keeps a record unless there is one of its key; false when there is. Of many who add one, one succeeds. */
  add(record: KeptRecord): Promise<boolean>;
  /** Keeps a record in place of one whose value is still `former`; false when it is not. */
  replace(record: KeptRecord, former: string): Promise<boolean>;
  /** False when there was none. */
  remove(kind: string, key: string): Promise<boolean>;
  /**
   * Adds many records of a kind in one commit. Their values are JSON arrays: one whose key is there already has what it
   * brings put behind what is there. Keys within a call differ.
   */
  gather(kind: string, records: readonly GatheredRecord[]): Promise<void>;
  /** Removes about `count` records of a kind; answers how many it removed, 0 when there are none. */
  removeSome(kind: string, count: number): Promise<number>;
  /** The kinds of records that begin with a prefix, those that have any. */
  kinds(prefix: string): Promise<readonly string[]>;
  /** Removes everything that was given under a grant; answers how much that was. */
  removeGrant(grant: string): Promise<number>;
}
