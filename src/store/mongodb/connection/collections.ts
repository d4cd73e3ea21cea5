import { unpacked } from '../write/packed.ts';
import type { Collection, CreateIndexesOptions, Db, IndexSpecification } from 'mongodb';
import type { ResourceType } from '@medplum/fhirtypes';
import type { JobState } from '../../job.ts';
import type { Stored } from '../../store.ts';
import type { Indexed } from '../index/fields.ts';

/** The current version of a resource. See docs/decision/0011. */
export interface ResourceDocument extends Indexed {
  _id: string; // Type/id
  t?: ResourceType; // none when it is deleted, so that no search finds it
  h: ResourceType;
  k: string; // the patient whose compartment it is in, else ~Type
  v: number;
  u: number; // lastUpdated, epoch milliseconds
  w: number; // order of the write
  o: number; // order of first creation
  m: number; // method
  j?: Uint8Array; // its text, packed; none when it is deleted
  b?: string; // its members (access/membership.ts); absent where not known
  due?: true; // its words are not in the full-text index yet
}

/** A former version; `e` is when the next one came. */
export interface VersionDocument {
  _id: { r: string; v: number };
  h: ResourceType;
  k: string;
  u: number;
  w: number;
  m: number;
  e: number;
  j?: Uint8Array;
  b?: string;
}

export interface JournalDocument {
  _id: number; // order of the writes
  a: string; // Account/1
  e: string; // the entry as JSON
}
export interface KeyDocument {
  _id: string;
  r: string;
}
export interface AnswerDocument {
  _id: string;
  b: string;
  s: number;
  h: string;
  j: string;
  e: number | null; // expires, epoch milliseconds
}
/** A lock of an account or a key: writers conflict on it. `s`: the order of the last journal entry. */
export interface LockDocument {
  _id: string;
  s?: number;
  g?: number;
}
/** A writer slot: one writer at a time, so that none waits. `g`: type → the mark of the last write. */
export interface GenerationDocument {
  _id: string;
  g: Record<string, string>;
}
export interface WordDocument {
  _id: string; // Type/id
  v: number; // the version whose words these are
  h: ResourceType;
  n: string[]; // words of the narrative
  c: string[]; // words of the whole
  nt: string; // the same in their order, each between spaces
  ct: string;
}
export interface SettingDocument {
  _id: string;
  value?: unknown;
  n?: number;
}

/** A server of the store, as long as it is there. */
export interface ServerDocument {
  _id: string;
  seen: Date; // by the clock of the database
  g: number; // the state of the definitions it has acted upon
  p: readonly string[]; // digests of the parameters it writes entries of
}

/** A piece of background work. `x`: state, `d`: due, `o`: owner of the lease, `u`: its end, `f`: its number. */
export interface JobDocument {
  _id: string; // its key
  h: string; // kind
  p: string;
  x: JobState;
  d: number;
  a: number;
  r?: string;
  c: number;
  m: number; // changed
  o: string | null;
  u: Date | null; // by the clock of the database
  f: number;
}

/** A record beside FHIR. `h`: kind, `k`: key, `e`: when it expires, `g`: the grant it goes with. */
export interface RecordDocument {
  _id: { h: string; k: string };
  v: string;
  e: number | null;
  g?: string;
}

/** Records of access that were flushed together. `c`: chain, `n`: the number of the first, `l`: their lines. */
export interface AuditDocument {
  _id: string; // chain and number
  c: string;
  n: number;
  l: string;
}

export interface Collections {
  readonly resource: Collection<ResourceDocument>;
  readonly version: Collection<VersionDocument>;
  readonly journal: Collection<JournalDocument>;
  readonly key: Collection<KeyDocument>;
  readonly answer: Collection<AnswerDocument>;
  readonly lock: Collection<LockDocument>;
  readonly generation: Collection<GenerationDocument>;
  readonly word: Collection<WordDocument>;
  readonly setting: Collection<SettingDocument>;
  readonly server: Collection<ServerDocument>;
  readonly job: Collection<JobDocument>;
  readonly record: Collection<RecordDocument>;
  readonly audit: Collection<AuditDocument>;
}

export const collectionsOf = (db: Db): Collections => ({
  resource: db.collection('resource'),
  version: db.collection('version'),
  journal: db.collection('journal'),
  key: db.collection('unique_key'),
  answer: db.collection('answer'),
  lock: db.collection('lock'),
  generation: db.collection('generation'),
  word: db.collection('word'),
  setting: db.collection('setting'),
  server: db.collection('server'),
  job: db.collection('job'),
  record: db.collection('record'),
  audit: db.collection('audit'),
});

type Index = readonly [IndexSpecification, CreateIndexesOptions?];

/** The indexes of each collection, by name. */
export const indexes: Readonly<Record<keyof Collections, Readonly<Record<string, Index>>>> = {
  resource: {
    by_type: [{ t: 1, o: 1 }],
    by_value: [{ x: 1, o: 1 }],
    by_date: [{ 'a.$**': 1 }],
    by_long_date: [{ 'd.g': 1, 'd.h': 1 }],
    by_string: [{ 's.p': 1, 's.f': 1 }],
    by_quantity: [{ 'q.p': 1, 'q.l': 1 }],
    by_time_of_type: [{ h: 1, u: -1, w: -1 }],
    by_time: [{ u: -1, w: -1 }],
    by_due: [{ due: 1 }, { partialFilterExpression: { due: true } }],
  },
  version: {
    by_time_of_type: [{ h: 1, u: -1, w: -1 }],
    by_time: [{ u: -1, w: -1 }],
  },
  journal: { by_account: [{ a: 1, _id: 1 }] },
  key: {},
  answer: { by_expiry: [{ e: 1 }] },
  lock: {},
  generation: {},
  word: { by_narrative: [{ n: 1 }], by_content: [{ c: 1 }] },
  setting: {},
  server: {},
  job: {
    by_due: [{ x: 1, d: 1 }, { partialFilterExpression: { x: { $in: ['due', 'leased', 'sending'] } } }],
    by_waiting: [{ x: 1, m: 1 }, { partialFilterExpression: { x: { $in: ['held', 'failed'] } } }],
  },
  record: { by_expiry: [{ e: 1 }], by_grant: [{ g: 1 }, { sparse: true }] },
  audit: { by_chain: [{ c: 1, n: -1 }] },
};

export const methods = ['POST', 'PUT', 'DELETE'] as const;

/** The fields that a stored version is made of. */
export const storedFields = { v: 1, u: 1, m: 1, j: 1, h: 1, b: 1 } as const;

type Row = Pick<ResourceDocument, 'u' | 'm' | 'h' | 'j' | 'b'>;
const nothing = new Uint8Array();

export function storedOf(reference: string, version: number, row: Row): Stored {
  const method = methods[row.m] ?? 'PUT';
  return {
    type: row.h,
    id: reference.slice(row.h.length + 1),
    version,
    lastUpdated: new Date(row.u).toISOString(),
    method,
    deleted: method === 'DELETE',
    json: row.j ? unpacked(row.j) : nothing,
    members: row.b,
  };
}
