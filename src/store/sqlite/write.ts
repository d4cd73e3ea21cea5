import type { DatabaseSync } from 'node:sqlite';
import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { keepPrecision, parseJson, toJson } from '../../datatypes/json.ts';
import { duplicate, stale } from '../../outcome/fhirError.ts';
import type { Reader, Transaction } from '../store.ts';
import type { Session } from './groupCommit.ts';
import { storedOf, type Types, type VersionRow } from './rows.ts';
import type { SearchIndex } from './searchIndex.ts';

interface Parts {
  readonly reader: Reader;
  readonly types: Types;
  readonly index: SearchIndex;
  readonly now: () => string;
  readonly generations: Map<ResourceType, number>;
}

type Writes = Omit<Transaction, keyof Reader>;

/** Everything that can be done inside a transaction, prepared once; a session closes it to what comes too late. */
export function writer(database: DatabaseSync, parts: Parts): (session: Session) => Transaction {
  const writes: Writes = { ...resourceWrites(database, parts), ...otherWrites(database, parts) };
  const wrap =
    <A extends unknown[], R>(session: Session, write: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      session.open ? write(...args) : Promise.reject(new Error('the transaction is over'));
  return (session) => ({
    ...parts.reader,
    put: wrap(session, writes.put),
    delete: wrap(session, writes.delete),
    reserve: wrap(session, writes.reserve),
    release: wrap(session, writes.release),
    append: wrap(session, writes.append),
    remember: wrap(session, writes.remember),
  });
}

const utf8 = new TextDecoder();
const resourceOf = (row: VersionRow | undefined): Resource | undefined =>
  row?.body ? (parseJson(utf8.decode(row.body)) as Resource) : undefined;

/* eslint-disable @typescript-eslint/require-await -- node:sqlite answers at once; an error becomes a rejection */
function resourceWrites(
  database: DatabaseSync,
  { types, index, now, generations }: Parts,
): Pick<Writes, 'put' | 'delete'> {
  const current = database.prepare(
    'SELECT rid, version, updated, method, body FROM resource WHERE type = ? AND id = ?',
  );
  const insert = database.prepare(
    'INSERT INTO resource (type, id, version, updated, method, body) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const keep = database.prepare(
    'INSERT INTO version (rid, version, updated, method, body) ' +
      'SELECT rid, version, updated, method, body FROM resource WHERE rid = ?',
  );
  const replace = database.prepare(
    'UPDATE resource SET version = ?, updated = ?, method = ?, body = ? WHERE rid = ?',
  );
  const rowOf = (type: ResourceType, id: string): VersionRow | undefined =>
    current.get(types.number(type), id) as VersionRow | undefined;

  /** Writes the next version of a row (or the first of a new one) and gives its rid. */
  const next = (
    type: ResourceType,
    id: string,
    row: VersionRow | undefined,
    made: Omit<VersionRow, 'rid'>,
  ): number => {
    generations.set(type, (generations.get(type) ?? 0) + 1);
    const { version, updated, method, body } = made;
    if (!row)
      return Number(insert.run(types.number(type), id, version, updated, method, body).lastInsertRowid);
    keep.run(row.rid);
    replace.run(version, updated, method, body, row.rid);
    return row.rid;
  };

  return {
    put: async (resource, { method = 'PUT', ifMatch } = {}) => {
      const { resourceType: type, id } = resource;
      const row = rowOf(type, id);
      if (ifMatch !== undefined && (row?.version !== ifMatch || row.body === null))
        throw stale(`${type}/${id}`);
      if (row?.body && isSame(resource, row)) return storedOf(type, id, row);
      const version = (row?.version ?? 0) + 1;
      const updated = now();
      const body = Buffer.from(stamped(resource, version, updated));
      const rid = next(type, id, row, { version, updated, method, body });
      index.index(rid, type, resourceOf(row), resource);
      return storedOf(type, id, { rid, version, updated, method, body });
    },
    delete: async (type, id, { ifMatch } = {}) => {
      const row = rowOf(type, id);
      if (ifMatch !== undefined && (row?.version !== ifMatch || row.body === null))
        throw stale(`${type}/${id}`);
      if (!row?.body) return undefined;
      const made = { version: row.version + 1, updated: now(), method: 'DELETE', body: null } as const;
      next(type, id, row, made);
      index.index(row.rid, type, resourceOf(row), undefined);
      return storedOf(type, id, { rid: row.rid, ...made });
    },
  };
}

/** Sets version and time on the resource handed in; its JSON text, what identifies it first. */
function stamped(resource: Resource & { id: string }, version: number, updated: string): string {
  const stamp = { versionId: String(version), lastUpdated: updated };
  resource.meta = { ...stamp, ...resource.meta, ...stamp };
  const { resourceType, id, meta: made, ...rest } = resource;
  return toJson(keepPrecision(resource, { resourceType, id, meta: made, ...rest }));
}

/** True when the resource says what the row holds; it then gets the row's version and time. */
function isSame(resource: Resource & { id: string }, row: VersionRow): boolean {
  const asked = resource.meta;
  const text = stamped(resource, row.version, row.updated);
  const kept = utf8.decode(row.body ?? undefined);
  if (text === kept) return true;
  if (text.length === kept.length && sorted(parseJson(text)) === sorted(parseJson(kept))) return true;
  if (asked === undefined) delete resource.meta;
  else resource.meta = asked;
  return false;
}

/** JSON text with the members of every object in one order. */
function sorted(value: unknown): string {
  const order = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(order);
    if (typeof item !== 'object' || item === null) return item;
    const members = Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1));
    return keepPrecision(item, Object.fromEntries(members.map(([key, member]) => [key, order(member)])));
  };
  return toJson(order(value));
}

function otherWrites(
  database: DatabaseSync,
  { now }: Parts,
): Pick<Writes, 'reserve' | 'release' | 'append' | 'remember'> {
  const holder = database.prepare('SELECT holder FROM unique_key WHERE key = ?');
  const reserve = database.prepare('INSERT INTO unique_key (key, holder) VALUES (?, ?)');
  const release = database.prepare('DELETE FROM unique_key WHERE key = ?');
  const append = database.prepare('INSERT INTO journal (account, entry) VALUES (?, ?)');
  const forget = database.prepare('DELETE FROM answer WHERE expires <= ?');
  const remember = database.prepare(
    'INSERT INTO answer (key, body_hash, status, headers, body, expires) VALUES (?, ?, ?, ?, ?, ?)',
  );
  return {
    reserve: async (key, by) => {
      const held = holder.get(key) as { holder: string } | undefined;
      if (held?.holder === by) return;
      if (held)
        throw duplicate('key-taken', `${held.holder} holds ${key.slice(0, key.indexOf('|'))} already`);
      reserve.run(key, by);
    },
    release: async (key) => {
      release.run(key);
    },
    append: async (entry) => {
      append.run(entry.account, JSON.stringify(entry));
    },
    remember: async (key, { bodyHash, status, headers, body }, expires) => {
      forget.run(now());
      remember.run(key, bodyHash, status, JSON.stringify(headers), body, expires ?? null);
    },
  };
}
/* eslint-enable @typescript-eslint/require-await */
