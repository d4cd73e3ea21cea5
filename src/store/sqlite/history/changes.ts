import type { ResourceType } from '@medplum/fhirtypes';
import { resourceTypes } from '../../../datatypes/resourceType.ts';
import type { HistoryPage, HistoryQuery, Stored } from '../../store.ts';
import { fromCursorText, toCursorText } from '../search/cursor.ts';
import { join, sqlFragment, type SqlFragment } from '../search/sqlFragment.ts';
import { storedOf } from './read.ts';
import type { SqliteState } from '../connection/sqliteState.ts';

/** Where a version stands in the order of history: by the time of its write, then by resource and version. */
interface Key {
  readonly updated: number;
  readonly rid: number;
  readonly version: number;
  readonly isCurrent: boolean;
}

const newestFirst = (a: Key, b: Key): number =>
  b.updated - a.updated || b.rid - a.rid || b.version - a.version;

/** Versions of a type, or of all, newest first. See https://hl7.org/fhir/R4/http.html#history */
export function changes(state: SqliteState, query: HistoryQuery): HistoryPage {
  const about = JSON.stringify(['history', query.type ?? '', query.since ?? '', query.at ?? '']);
  const after = positionOf(state, query, about);
  if (query.count < 1) return { versions: [] };
  let keys: Key[] = [];
  for (const type of query.type ? [query.type] : resourceTypes) {
    const least = keys.length > query.count ? (keys[query.count]?.updated ?? 0) : 0;
    const found = keysOf(state, type, { query, after, least });
    if (found.length > 0) keys = [...keys, ...found].sort(newestFirst).slice(0, query.count + 1);
  }
  const shown = keys.slice(0, query.count);
  const last = shown.at(-1);
  const text = JSON.stringify([last?.updated, last?.rid, last?.version]);
  return {
    versions: shown.map((key) => read(state, key)),
    ...(keys.length > query.count ? { next: toCursorText(state.secret, about, text) } : {}),
  };
}

function positionOf({ secret }: SqliteState, { cursor }: HistoryQuery, about: string): Key | undefined {
  if (cursor === undefined) return undefined;
  const [updated, rid, version] = JSON.parse(fromCursorText(secret, about, cursor)) as [
    number,
    number,
    number,
  ];
  return { updated, rid, version, isCurrent: false };
}

interface Asked {
  readonly query: HistoryQuery;
  readonly after: Key | undefined;
  readonly least: number; // what was written before is on a later page
}

function keysOf({ database, names }: SqliteState, type: ResourceType, { query, after, least }: Asked): Key[] {
  const from = Math.max(query.since ?? 0, least);
  const bounds = [sqlFragment('updated >= ?', from)];
  if (query.at) bounds.push(sqlFragment('updated < ?', query.at.high));
  if (after)
    bounds.push(
      sqlFragment(
        'updated <= ? AND (updated, rid, version) < (?, ?, ?)',
        after.updated,
        after.updated,
        after.rid,
        after.version,
      ),
    );
  const select = (rows: string, more: readonly SqlFragment[], isCurrent: boolean): Key[] => {
    const where = join([...bounds, ...more], ' AND ', '1');
    const order = 'ORDER BY updated DESC, rid DESC, version DESC';
    const sql = `SELECT updated, rid, version FROM ${rows} AND ${where.sql} ${order} LIMIT ${query.count + 1}`;
    return database.all(sql, names.type(type), ...where.values).map(([updated, rid, version]) => ({
      updated: Number(updated),
      rid: Number(rid),
      version: Number(version),
      isCurrent,
    }));
  };
  const current = select('resource INDEXED BY resource_updated WHERE type = ?', [], true);
  const lasted = query.at ? [stillThere(query.at.low)] : [];
  return [...current, ...select('version v INDEXED BY version_updated WHERE rid >> 32 = ?', lasted, false)];
}

/** True for a former version that the next one followed later, and after a moment. */
const stillThere = (low: number): SqlFragment => {
  const next =
    'coalesce((SELECT updated FROM version n WHERE n.rid = v.rid AND n.version = v.version + 1), ' +
    '(SELECT updated FROM resource WHERE resource.rid = v.rid))';
  return sqlFragment(`${next} > max(?, v.updated)`, low);
};

function read({ database, names }: SqliteState, { rid, version, isCurrent }: Key): Stored {
  const sql = isCurrent
    ? 'SELECT version, updated, method, json, members, type, id FROM resource WHERE rid = ? AND version = ?'
    : 'SELECT v.version, v.updated, v.method, v.json, v.members, r.type, r.id FROM version v ' +
      'CROSS JOIN resource r ON r.rid = v.rid WHERE v.rid = ? AND v.version = ?';
  const row = database.get(sql, rid, version);
  if (!row) throw new Error('a version that is listed is not there');
  return storedOf(names.typeName(Number(row[5])), String(row[6]), row);
}
