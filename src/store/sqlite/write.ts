import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { isId } from '../../datatypes/id.ts';
import { keepPrecision, parseJson, toJson } from '../../datatypes/json.ts';
import { stale } from '../../outcome/fhirError.ts';
import { extract } from '../../search/extract.ts';
import type { IndexEntry } from '../../search/query.ts';
import type { Stored } from '../store.ts';
import { implied } from './names.ts';
import { current, type Current } from './read.ts';
import type { Shared } from './shared.ts';

const utf8 = new TextDecoder();
const methods = { POST: 0, PUT: 1, DELETE: 2 } as const;

/** The text of a version is its head, which names the version, and the rest, which is what was sent. */
const head = (type: string, id: string, version: number, updated: string): string =>
  `{"resourceType":"${type}","id":"${id}","meta":{"versionId":"${version}","lastUpdated":"${updated}"`;

function rest(resource: Resource): string {
  const { resourceType: _type, id: _id, meta, ...content } = resource as Resource & Record<string, unknown>;
  const { versionId: _version, lastUpdated: _updated, ...other } = (meta ?? {}) as Record<string, unknown>;
  const metaText = toJson(keepPrecision(meta ?? {}, other));
  const text = toJson(keepPrecision(resource, content));
  return `${metaText === '{}' ? '' : `,${metaText.slice(1, -1)}`}}${text === '{}' ? '}' : `,${text.slice(1)}`}`;
}

interface PutOptions {
  readonly method?: 'POST' | 'PUT';
  readonly ifMatch?: number;
}

/** Writes the next version of a resource, with its index entries; none when it is equal to the current one. */
export function put(shared: Shared, resource: Resource & { id: string }, options: PutOptions = {}): Stored {
  const type = resource.resourceType;
  if (!isId(resource.id)) throw new Error('a resource is stored under an id that is none');
  const before = current(shared, type, resource.id);
  if (options.ifMatch !== undefined && (before?.deleted !== false || before.version !== options.ifMatch))
    throw stale(`${type}/${resource.id}`);
  const text = rest(resource);
  if (before && !before.deleted && isEqual(before, text)) {
    stamp(resource, before.version, before.lastUpdated);
    return before;
  }
  const version = (before?.version ?? 0) + 1;
  const lastUpdated = shared.stamp(before?.lastUpdated);
  const json = Buffer.from(head(type, resource.id, version, lastUpdated) + text);
  const method = options.method ?? 'PUT';
  const rid = writeRow(shared, before, { type, id: resource.id, version, lastUpdated, method, json });
  writeIndex(shared, rid, resource, before);
  stamp(resource, version, lastUpdated);
  shared.wrote(type);
  return { type, id: resource.id, version, lastUpdated, method, deleted: false, json };
}

/** Writes a deletion; undefined when there is nothing to delete. */
export function remove(shared: Shared, type: ResourceType, id: string, ifMatch?: number): Stored | undefined {
  const before = current(shared, type, id);
  if (ifMatch !== undefined && (before?.deleted !== false || before.version !== ifMatch))
    throw stale(`${type}/${id}`);
  if (!before || before.deleted) return undefined;
  const version = before.version + 1;
  const lastUpdated = shared.stamp(before.lastUpdated);
  const json = new Uint8Array();
  const rid = writeRow(shared, before, { type, id, version, lastUpdated, method: 'DELETE', json });
  for (const entry of keyed(shared, before).values()) change(shared, 'remove', rid, entry);
  shared.wrote(type);
  return { type, id, version, lastUpdated, method: 'DELETE', deleted: true, json };
}

function stamp(resource: Resource, version: number, lastUpdated: string): void {
  const { versionId: _version, lastUpdated: _updated, ...other } = resource.meta ?? {};
  resource.meta = keepPrecision(resource.meta ?? {}, { versionId: String(version), lastUpdated, ...other });
}

/** True when the text of the current version, its head apart, says the same; the order of elements does not matter. */
function isEqual(before: Current, text: string): boolean {
  const start = head(before.type, before.id, before.version, before.lastUpdated).length;
  const stored = utf8.decode(before.json);
  if (stored.length !== start + text.length) return false;
  if (stored.endsWith(text)) return true;
  return sorted(stored.slice(start)) === sorted(text);
}

/** A text with the elements of every object in order of name, decimals as written. */
function sorted(text: string): string {
  const order = (value: unknown): unknown => {
    if (Array.isArray(value)) return keepPrecision(value, value.map(order));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return keepPrecision(value, Object.fromEntries(entries.map(([key, item]) => [key, order(item)])));
  };
  return toJson(order(parseJson(`{"meta":{"":0${text}`)));
}

type Next = Omit<Stored, 'deleted'>;

function writeRow(shared: Shared, before: Current | undefined, next: Next): number {
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
  const entries = stored.deleted ? [] : extract(parseJson(utf8.decode(stored.json)) as Resource, shared.base);
  return new Map(entries.map((entry) => [key(entry), entry]));
}

/** Writes the entries that are new and takes those away that no longer hold. */
function writeIndex(shared: Shared, rid: number, resource: Resource, before: Current | undefined): void {
  const entries = extract(resource, shared.base);
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
  for (const entry of extract(resource, shared.base)) change(shared, 'add', rid, entry);
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
