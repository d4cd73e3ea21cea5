import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { extract, extractWithin } from '../../../search/extract.ts';
import type { IndexEntry } from '../../../search/query.ts';
import { membersText } from '../../access/membership.ts';
import type { Stored } from '../../store.ts';
import { nextDeletion, nextVersion, resourceOf, type PutOptions } from '../../version.ts';
import { rowSignatureOf, isSame } from '../index/rowSignature.ts';
import { addEntries, noteSeveral, removeEntries, writeEntries } from '../index/entries.ts';
import { current, type Current } from '../history/read.ts';
import type { Shared } from '../connection/sqliteState.ts';

const methods = { POST: 0, PUT: 1, DELETE: 2 } as const;

/** Writes the next version of a resource, with its index entries; none when it is equal to the current one. */
export function put(shared: Shared, resource: Resource & { id: string }, options: PutOptions = {}): Stored {
  const type = resource.resourceType;
  shared.sync(true);
  const before = options.fresh === true ? undefined : current(shared, type, resource.id);
  const next = nextVersion(before, resource, options, () => shared.stamp());
  if (next === before) return next;
  const entries = extractWithin(resource, shared);
  const written = { ...next, members: membersText(resource, entries) };
  const rid = writeRow(shared, before, written);
  writeIndex(shared, rid, { resource, entries }, before);
  if (before?.deleted !== false) shared.tally.add(type, 1);
  shared.wrote(type);
  return written;
}

/** Writes a deletion; undefined when there is nothing to delete. */
export function remove(shared: Shared, type: ResourceType, id: string, ifMatch?: number): Stored | undefined {
  shared.sync(true);
  const before = current(shared, type, id);
  const next = nextDeletion(before, { type, id }, ifMatch, () => shared.stamp());
  if (!next || !before) return undefined;
  const rid = writeRow(shared, before, { ...next, members: before.members });
  removeEntries(shared, rid, before.deleted ? [] : extract(resourceOf(before), shared));
  shared.tally.add(type, -1);
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
      'INSERT INTO resource (rid, type, id, version, updated, method, json, members) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      ...[
        rid,
        names.type(next.type),
        next.id,
        next.version,
        updated,
        method,
        next.json,
        next.members ?? null,
      ],
    );
    return rid;
  }
  database.run(
    'INSERT INTO version (rid, version, updated, method, json, members) VALUES (?, ?, ?, ?, ?, ?)',
    ...[before.rid, before.version, Date.parse(before.lastUpdated), methods[before.method], before.json],
    before.members ?? null,
  );
  database.run(
    'UPDATE resource SET version = ?, updated = ?, method = ?, json = ?, members = ? WHERE rid = ?',
    ...[next.version, updated, method, next.json, next.members ?? null, before.rid],
  );
  return before.rid;
}

/** What makes a row of an entry: a reference to a version and one to the resource are the same row. */
const key = (entry: IndexEntry): string => {
  const { parameter, ...values } = entry;
  if (values.kind === 'reference') return `${parameter.code} reference ${values.type ?? ''} ${values.id}`;
  return `${parameter.code} ${Object.values(values).join(' ')}`;
};

/** Writes the entries that are new and takes those away that no longer hold; all of them where they carry otherwise. */
function writeIndex(
  shared: Shared,
  rid: number,
  { resource, entries }: { readonly resource: Resource; readonly entries: readonly IndexEntry[] },
  before: Current | undefined,
): void {
  if (!before || before.deleted) {
    addEntries(shared, rid, resource, entries);
    return;
  }
  noteSeveral(shared, entries);
  const old = extract(resourceOf(before), shared);
  const gone = new Map(old.map((entry) => [key(entry), entry]));
  const added = entries.filter((entry) => !gone.delete(key(entry)));
  const carried = rowSignatureOf(shared.names, resource, entries);
  const isAsBefore = isSame(carried, rowSignatureOf(shared.names, resource, old));
  writeEntries(shared, isAsBefore ? 'add' : 'renew', { rid, carried }, isAsBefore ? added : entries);
  removeEntries(shared, rid, gone.values());
}
