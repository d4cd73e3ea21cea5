import { asOfBytes, type AsOfPage, type AsOfQuery } from '../../asOf.ts';
import type { Stored } from '../../store.ts';
import type { Row } from '../connection/database.ts';
import { typeSpan, type SqliteState } from '../connection/sqliteState.ts';
import { storedOf } from './read.ts';

/**
 * The versions of a type that were current at a moment, in order of first creation: a stretch of the table of current
 * versions, and for what was written later the version before that. Each page is a read of its own.
 */
export function asOf(state: SqliteState, query: AsOfQuery): AsOfPage {
  const { type, at, since = -1, count, after } = query;
  const { database, names } = state;
  const first = names.type(type) * typeSpan;
  const end = first + typeSpan;
  const from = after === undefined ? first : Number(after) + 1;
  const last = lastOfPage(state, { from, end, count });
  if (last === undefined) return { versions: [] };
  const rows = database.all(
    'SELECT version, updated, method, CASE WHEN updated BETWEEN ? AND ? THEN json END, members, rid, id ' +
      'FROM resource WHERE rid BETWEEN ? AND ? AND updated >= ? ORDER BY rid',
    since + 1,
    at,
    from,
    last.rid,
    since + 1,
  );
  const versions = rows.flatMap((row): Stored[] => {
    const id = String(row[6]);
    if (Number(row[1]) <= at) return [storedOf(type, id, row)];
    const before = formerAt(state, Number(row[5]), at);
    return before && Number(before[1]) > since ? [storedOf(type, id, before)] : [];
  });
  return last.isEnd ? { versions } : { versions, next: String(last.rid) };
}

/** Where a page ends: after so many resources or bytes. Sizes are read without the JSON itself. */
function lastOfPage(
  { database }: SqliteState,
  { from, end, count }: { readonly from: number; readonly end: number; readonly count: number },
): { readonly rid: number; readonly isEnd: boolean } | undefined {
  const sql = 'SELECT rid, length(json) FROM resource WHERE rid >= ? AND rid < ? ORDER BY rid LIMIT ?';
  const rows = database.all(sql, from, end, count);
  let bytes = 0;
  for (const [rid, length] of rows) {
    bytes += Number(length);
    if (bytes >= asOfBytes) return { rid: Number(rid), isEnd: false };
  }
  const rid = rows.at(-1)?.[0];
  return rid === undefined ? undefined : { rid: Number(rid), isEnd: rows.length < count };
}

const formerAt = ({ database }: SqliteState, rid: number, at: number): Row | undefined =>
  database.get(
    'SELECT version, updated, method, json, members FROM version WHERE rid = ? AND updated <= ? ' +
      'ORDER BY version DESC LIMIT 1',
    rid,
    at,
  );
