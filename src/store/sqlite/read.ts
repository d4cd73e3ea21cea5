import type { ResourceType } from '@medplum/fhirtypes';
import { resourceTypes } from '../../datatypes/resourceType.ts';
import { parametersOf } from '../../search/parameter.ts';
import { otherReference } from '../../search/extract.ts';
import type { Remembered, Stored } from '../store.ts';
import type { Row } from './database.ts';
import type { Shared } from './shared.ts';

const methods = ['POST', 'PUT', 'DELETE'] as const;

/** The current version with the number its rows go by. */
export interface Current extends Stored {
  readonly rid: number;
}

/** Columns: version, updated, method, json. */
function storedOf(type: ResourceType, id: string, [version, updated, method, json]: Row): Stored {
  const how = methods[Number(method)] ?? 'PUT';
  return {
    type,
    id,
    version: Number(version),
    lastUpdated: new Date(Number(updated)).toISOString(),
    method: how,
    deleted: how === 'DELETE',
    json: json as Uint8Array,
  };
}

export function current({ database, names }: Shared, type: ResourceType, id: string): Current | undefined {
  const sql = 'SELECT version, updated, method, json, rid FROM resource WHERE type = ? AND id = ?';
  const row = database.get(sql, names.type(type), id);
  return row && { ...storedOf(type, id, row), rid: Number(row[4]) };
}

/** The current version of a row that is known to be there. */
export function byRid({ database, names }: Shared, rid: number): Stored {
  const row = database.get(
    'SELECT version, updated, method, json, type, id FROM resource WHERE rid = ?',
    rid,
  );
  if (!row) throw new Error(`no resource has number ${rid}`);
  return storedOf(names.typeName(Number(row[4])), String(row[5]), row);
}

/** Newest first, at most `count`, from just below version `before`. */
export function history(
  shared: Shared,
  { type, id }: { readonly type: ResourceType; readonly id: string },
  { count, before = Infinity }: { readonly count: number; readonly before?: number },
): Stored[] {
  const now = current(shared, type, id);
  if (!now || count < 1) return [];
  const newest = now.version < before ? [now] : [];
  const sql =
    'SELECT version, updated, method, json FROM version WHERE rid = ? AND version < ? ORDER BY version DESC LIMIT ?';
  const older = shared.database.all(sql, now.rid, Math.min(before, now.version), count - newest.length);
  return [...newest, ...older.map((row) => storedOf(type, id, row))];
}

export function vread(shared: Shared, type: ResourceType, id: string, version: number): Stored | undefined {
  const now = current(shared, type, id);
  if (!now || now.version === version) return now;
  const sql = 'SELECT version, updated, method, json FROM version WHERE rid = ? AND version = ?';
  const row = shared.database.get(sql, now.rid, version);
  return row && storedOf(type, id, row);
}

/** Looks under every reference parameter there is, for each is a stretch of its own in the index. */
export function referrers(
  { database, names }: Shared,
  { type, id }: { readonly type: ResourceType; readonly id: string },
  count: number,
): { references: string[]; total: number } {
  const rids = new Set<number>();
  const sql = 'SELECT rid FROM reference WHERE parameter = ? AND type = ? AND id = ?';
  const no = names.type(type);
  const own = database.get('SELECT rid FROM resource WHERE type = ? AND id = ?', no, id)?.[0];
  for (const source of resourceTypes) {
    for (const parameter of [...parametersOf(source).values(), otherReference(source)]) {
      if (parameter.kind !== 'reference' || parameter.from) continue;
      for (const [rid] of database.all(sql, names.byCode(source, parameter.code), no, id))
        rids.add(Number(rid));
    }
  }
  rids.delete(Number(own)); // that it refers to itself keeps nobody from deleting it
  const first = [...rids].sort((a, b) => a - b).slice(0, count);
  const references = first.map((rid) => {
    const [typeNo, referrer] = database.get('SELECT type, id FROM resource WHERE rid = ?', rid) ?? [];
    return `${names.typeName(Number(typeNo))}/${String(referrer)}`;
  });
  return { references, total: rids.size };
}

export function holder({ database }: Shared, key: string): string | undefined {
  const row = database.get('SELECT holder FROM unique_key WHERE key = ?', key);
  return row && String(row[0]);
}

export function recall(shared: Shared, key: string): Remembered | undefined {
  const sql =
    'SELECT body_hash, status, headers, body FROM answer WHERE key = ? AND (expires IS NULL OR expires > ?)';
  const row = shared.database.get(sql, key, shared.now());
  if (!row) return undefined;
  const [bodyHash, status, headers, body] = row;
  return {
    bodyHash: String(bodyHash),
    status: Number(status),
    headers: JSON.parse(String(headers)) as Record<string, string>,
    body: String(body),
  };
}
