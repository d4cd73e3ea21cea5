import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { extract } from '../../search/extract.ts';
import type { IndexEntry } from '../../search/query.ts';
import type { Stored } from '../store.ts';
import { nextDeletion, nextVersion, resourceOf, type PutOptions } from '../version.ts';
import { implied } from './names.ts';
import { current, type Current } from './read.ts';
import type { Shared } from './shared.ts';

const methods = { POST: 0, PUT: 1, DELETE: 2 } as const;

/** Writes the next version of a resource, with its index entries; none when it is equal to the current one. */
export function put(shared: Shared, resource: Resource & { id: string }, options: PutOptions = {}): Stored {
  const type = resource.resourceType;
  const before = options.fresh === true ? undefined : current(shared, type, resource.id);
  const next = nextVersion(before, resource, options, (previous) => shared.stamp(previous));
  if (next === before) return next;
  const rid = writeRow(shared, before, next);
  writeIndex(shared, rid, resource, before);
  shared.wrote(type);
  return next;
}

/** Writes a deletion; undefined when there is nothing to delete. */
export function remove(shared: Shared, type: ResourceType, id: string, ifMatch?: number): Stored | undefined {
  const before = current(shared, type, id);
  const next = nextDeletion(before, { type, id }, ifMatch, (previous) => shared.stamp(previous));
  if (!next || !before) return undefined;
  const rid = writeRow(shared, before, next);
  for (const entry of keyed(shared, before).values()) change(shared, 'remove', rid, entry);
  shared.wrote(type);
  return next;
}

function writeRow(shared: Shared, before: Current | undefined, next: Stored): number {
  const { database, names } = shared;
  const updated = Date.parse(next.lastUpdated);
  const method = methods[next.method];
  if (!before) {
    const rid = shared.nextRid(next.type);
    database.run(
      'INSERT INTO resource (rid, type, id, version, updated, method, json) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[rid, names.type(next.type), next.id, next.version, updated, method, next.json],
    );
    return rid;
  }
  database.run(
    'INSERT INTO version (rid, version, updated, method, json) VALUES (?, ?, ?, ?, ?)',
    ...[before.rid, before.version, Date.parse(before.lastUpdated), methods[before.method], before.json],
  );
  database.run(
    'UPDATE resource SET version = ?, updated = ?, method = ?, json = ? WHERE rid = ?',
    ...[next.version, updated, method, next.json, before.rid],
  );
  return before.rid;
}

const key = (entry: IndexEntry): string => {
  const { parameter, ...values } = entry;
  return `${parameter.code} ${Object.values(values).join(' ')}`;
};

/** The index entries of a stored version, by what tells them apart. */
function keyed(shared: Shared, stored: Stored): Map<string, IndexEntry> {
  const entries = stored.deleted ? [] : extract(resourceOf(stored), shared);
  return new Map(entries.map((entry) => [key(entry), entry]));
}

/** Writes the entries that are new and takes those away that no longer hold. */
function writeIndex(shared: Shared, rid: number, resource: Resource, before: Current | undefined): void {
  const entries = extract(resource, shared);
  if (!before) {
    for (const entry of entries) change(shared, 'add', rid, entry);
    return;
  }
  const old = keyed(shared, before);
  for (const entry of entries) if (!old.delete(key(entry))) change(shared, 'add', rid, entry);
  for (const entry of old.values()) change(shared, 'remove', rid, entry);
}

/** Writes all entries of a resource that has none: for making an index anew. */
export function addEntries(shared: Shared, rid: number, resource: Resource): void {
  for (const entry of extract(resource, shared)) change(shared, 'add', rid, entry);
}

const columns = {
  token: 'parameter, code, rid, system',
  reference: 'parameter, type, id, rid',
  date: 'rid, parameter, low, high',
  string: 'rid, parameter, folded, exact',
  quantity: 'rid, parameter, low, high, system, code',
} as const;
type Table = keyof typeof columns;

const statement = (table: Table, doing: 'add' | 'remove'): string => {
  const names = columns[table].split(', ');
  return doing === 'add'
    ? `INSERT OR IGNORE INTO ${table} (${columns[table]}) VALUES (${names.map(() => '?').join(', ')})`
    : `DELETE FROM ${table} WHERE ${names.map((name) => `${name} = ?`).join(' AND ')}`;
};
const tables = Object.keys(columns) as Table[];
const statements = {
  add: Object.fromEntries(tables.map((t) => [t, statement(t, 'add')])) as Record<Table, string>,
  remove: Object.fromEntries(tables.map((t) => [t, statement(t, 'remove')])) as Record<Table, string>,
};

function change({ database, names }: Shared, doing: 'add' | 'remove', rid: number, entry: IndexEntry): void {
  if (entry.kind === 'composite') return; // tested on the resource itself
  const sql = statements[doing][entry.kind];
  const parameter = names.parameter(entry.parameter);
  switch (entry.kind) {
    case 'token': {
      const system = entry.system === undefined ? implied : names.internSystem(entry.system);
      database.run(sql, parameter, entry.code, rid, system);
      return;
    }
    case 'reference':
      database.run(sql, parameter, entry.type ? names.type(entry.type) : 0, entry.id, rid);
      return;
    case 'date':
      database.run(sql, rid, parameter, entry.low, entry.high);
      return;
    case 'string':
      database.run(sql, rid, parameter, entry.folded, entry.exact);
      return;
    case 'quantity':
      database.run(sql, rid, parameter, entry.low, entry.high, names.internSystem(entry.system), entry.code);
  }
}
