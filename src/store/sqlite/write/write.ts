import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { extract, extractWithin } from '../../../search/extract.ts';
import type { IndexEntry } from '../../../search/query.ts';
import { membersText } from '../../access/membership.ts';
import type { Stored } from '../../store.ts';
import { nextDeletion, nextVersion, resourceOf, type PutOptions } from '../../version.ts';
import { rowSignatureOf, isSame } from '../index/rowSignature.ts';
import { addEntries, noteSeveral, removeEntries, writeEntries } from '../index/entries.ts';
import type { Current } from '../history/read.ts';
import type { SqliteState } from '../connection/sqliteState.ts';

const methods = { POST: 0, PUT: 1, DELETE: 2 } as const;

/** Writes the version after `before`, the current one, with its index entries; none when it is equal to that. */
export function put(
  state: SqliteState,
  resource: Resource & { id: string },
  before: Current | undefined,
  options: PutOptions = {},
): Stored {
  const type = resource.resourceType;
  state.sync(true);
  const next = nextVersion(before, resource, options, () => state.stamp());
  if (next === before) return next;
  const entries = extractWithin(resource, state);
  const written = { ...next, members: membersText(resource, entries) };
  const rid = writeRow(state, before, written);
  writeIndex(state, rid, { resource, entries }, before);
  if (before?.deleted !== false) state.tally.add(type, 1);
  state.wrote(type);
  return written;
}

/** Writes a deletion after `before`, the current version; undefined when there is nothing to delete. */
export function remove(
  state: SqliteState,
  before: Current | undefined,
  { type, id }: { readonly type: ResourceType; readonly id: string },
  ifMatch?: number,
): Stored | undefined {
  state.sync(true);
  const next = nextDeletion(before, { type, id }, ifMatch, () => state.stamp());
  if (!next || !before) return undefined;
  const rid = writeRow(state, before, { ...next, members: before.members });
  removeEntries(state, rid, before.deleted ? [] : extract(resourceOf(before), state));
  state.tally.add(type, -1);
  state.wrote(type);
  return { ...next, members: before.members };
}

function writeRow(state: SqliteState, before: Current | undefined, next: Stored): number {
  const { database, names } = state;
  const updated = Date.parse(next.lastUpdated);
  const method = methods[next.method];
  if (!before) {
    const rid = state.nextRid(next.type);
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

/** Adds new entries and removes those that no longer hold; rewrites all where the signature has changed. */
function writeIndex(
  state: SqliteState,
  rid: number,
  { resource, entries }: { readonly resource: Resource; readonly entries: readonly IndexEntry[] },
  before: Current | undefined,
): void {
  if (!before || before.deleted) {
    addEntries(state, rid, resource, entries);
    return;
  }
  noteSeveral(state, entries);
  const old = extract(resourceOf(before), state);
  const gone = new Map(old.map((entry) => [key(entry), entry]));
  const added = entries.filter((entry) => !gone.delete(key(entry)));
  const signature = rowSignatureOf(state.names, resource, entries);
  const isAsBefore = isSame(signature, rowSignatureOf(state.names, resource, old));
  writeEntries(state, isAsBefore ? 'add' : 'renew', { rid, signature }, isAsBefore ? added : entries);
  removeEntries(state, rid, gone.values());
}
