import type { ResourceType } from '@medplum/fhirtypes';
import { originIdPrefix } from '../../../datatypes/originId.ts';
import type { Remembered, Stored } from '../../store.ts';
import type { Row } from '../connection/database.ts';
import type { SqliteState } from '../connection/sqliteState.ts';

const methods = ['POST', 'PUT', 'DELETE'] as const;

/** The current version with the number its rows go by. */
export interface Current extends Stored {
  readonly rid: number;
}

/** Columns: version, updated, method, json, members. */
export function storedOf(
  type: ResourceType,
  id: string,
  [version, updated, method, json, members]: Row,
): Stored {
  const how = methods[Number(method)] ?? 'PUT';
  return {
    type,
    id,
    version: Number(version),
    lastUpdated: new Date(Number(updated)).toISOString(),
    method: how,
    deleted: how === 'DELETE',
    json: json as Uint8Array,
    members: typeof members === 'string' ? members : undefined,
  };
}

type Asked = Pick<SqliteState, 'database' | 'names'>;

export function current({ database, names }: Asked, type: ResourceType, id: string): Current | undefined {
  const sql = 'SELECT version, updated, method, json, members, rid FROM resource WHERE type = ? AND id = ?';
  const row = database.get(sql, names.type(type), id);
  return row && { ...storedOf(type, id, row), rid: Number(row[5]) };
}

/** The current versions of rows that are known to be there, in the order asked for. */
export function byRids({ database, names }: Asked, rids: readonly number[]): Stored[] {
  if (rids.length === 0) return [];
  const rows = database.all(
    'SELECT r.version, r.updated, r.method, r.json, r.members, r.type, r.id FROM json_each(?) asked ' +
      'CROSS JOIN resource r ON r.rid = asked.value ORDER BY asked.key',
    JSON.stringify(rids),
  );
  return rows.map((row) => storedOf(names.typeName(Number(row[5])), String(row[6]), row));
}

/** Newest first, at most `count`, from just below version `before`. */
export function history(
  state: SqliteState,
  { type, id }: { readonly type: ResourceType; readonly id: string },
  { count, before = Infinity }: { readonly count: number; readonly before?: number },
): Stored[] {
  const now = current(state, type, id);
  if (!now || count < 1) return [];
  const newest = now.version < before ? [now] : [];
  const sql =
    'SELECT version, updated, method, json, members FROM version ' +
    'WHERE rid = ? AND version < ? ORDER BY version DESC LIMIT ?';
  const older = state.database.all(sql, now.rid, Math.min(before, now.version), count - newest.length);
  return [...newest, ...older.map((row) => storedOf(type, id, row))];
}

export function vread(
  state: SqliteState,
  type: ResourceType,
  id: string,
  version: number,
): Stored | undefined {
  const now = current(state, type, id);
  if (!now || now.version === version) return now;
  const sql = 'SELECT version, updated, method, json, members FROM version WHERE rid = ? AND version = ?';
  const row = state.database.get(sql, now.rid, version);
  return row && storedOf(type, id, row);
}

export function revivals({ database, names }: SqliteState, versions: readonly Stored[]): Set<Stored> {
  const sql =
    'SELECT EXISTS (SELECT 1 FROM version v JOIN resource r ON r.rid = v.rid ' +
    'WHERE r.type = ? AND r.id = ? AND v.version = ? AND v.method = 2)';
  const follows = ({ type, id, version }: Stored): boolean =>
    database.get(sql, names.type(type), id, version - 1)?.[0] === 1;
  return new Set(versions.filter((one) => one.version > 2 && !one.deleted && follows(one)));
}

/** The resources that refer to one, through whatever parameter, in order of rid. */
export function referring(
  { database, names }: SqliteState,
  { type, id }: { readonly type: ResourceType; readonly id: string },
): number[] {
  const { retired } = names.parameters;
  const live = retired.length === 0 ? '' : ` AND parameter NOT IN (${retired.join(', ')})`;
  const sql = `SELECT DISTINCT rid FROM reference WHERE target = ?${live} ORDER BY rid`;
  return database.all(sql, names.targets.find(names.type(type), id)).map(([rid]) => Number(rid));
}

/** Rows without the Provenances that operations wrote: these name versions, which are kept, so they keep nothing else. */
function withoutOrigins(state: SqliteState, rids: readonly number[]): readonly number[] {
  const type = state.names.type('Provenance');
  const some = rids.filter((rid) => typeOfRid(rid) === type);
  if (some.length === 0) return rids;
  const found = byRids(state, some);
  const left = new Set(some.filter((_, i) => found[i]?.id.startsWith(originIdPrefix) === true));
  return rids.filter((rid) => !left.has(rid));
}

/** rid = type << 32 | order of creation. */
const typeOfRid = (rid: number): number => Math.floor(rid / 2 ** 32);

export function referrers(
  state: SqliteState,
  { type, id }: { readonly type: ResourceType; readonly id: string },
  count: number,
): { references: string[]; total: number } {
  const own = current(state, type, id)?.rid; // that it refers to itself keeps nobody from deleting it
  const all = referring(state, { type, id }).filter((rid) => rid !== own);
  const rids = withoutOrigins(state, all);
  const references = byRids(state, rids.slice(0, count)).map((r) => `${r.type}/${r.id}`);
  return { references, total: rids.length };
}

export function holder({ database }: SqliteState, key: string): string | undefined {
  const row = database.get('SELECT holder FROM unique_key WHERE key = ?', key);
  return row && String(row[0]);
}

export function recall(state: SqliteState, key: string): Remembered | undefined {
  const sql =
    'SELECT body_hash, status, headers, body FROM answer WHERE key = ? AND (expires IS NULL OR expires > ?)';
  const row = state.database.get(sql, key, state.now());
  if (!row) return undefined;
  const [bodyHash, status, headers, body] = row;
  return {
    bodyHash: String(bodyHash),
    status: Number(status),
    headers: JSON.parse(String(headers)) as Record<string, string>,
    body: String(body),
  };
}
