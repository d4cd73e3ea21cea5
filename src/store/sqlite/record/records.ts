import type { KeptRecord, RecordQuery, Records } from '../../record.ts';
import type { Row } from '../connection/database.ts';
import type { Shared } from '../connection/sqliteState.ts';

const columns = 'kind, key, value, expires, grant_id';
const isThere = '(expires IS NULL OR expires > ?)';
const last = '\u{10ffff}'; // no key has a character behind it

type Ask = <T>(question: (shared: Shared) => T) => Promise<T>;

/** Records of a SQLite store; `ask` sees what is committed, `write` makes its work a transaction. */
export function sqliteRecords(ask: Ask, write: Ask): Records {
  return {
    find: (kind, key) => ask((shared) => find(shared, kind, key)),
    list: (kind, query) => ask((shared) => list(shared, kind, query)),
    keep: (record) =>
      write((shared) => {
        removeExpired(shared);
        keep(shared, record);
      }),
    add: (record) =>
      write((shared) => {
        removeExpired(shared);
        if (find(shared, record.kind, record.key)) return false;
        keep(shared, record);
        return true;
      }),
    replace: (record, former) =>
      write((shared) => {
        if (find(shared, record.kind, record.key)?.value !== former) return false;
        keep(shared, record);
        return true;
      }),
    remove: (kind, key) =>
      write((shared) => {
        const wasThere = find(shared, kind, key) !== undefined;
        shared.database.run('DELETE FROM record WHERE kind = ? AND key = ?', kind, key);
        return wasThere;
      }),
    removeGrant: (grant) =>
      write(({ database }) => database.run('DELETE FROM record WHERE grant_id = ?', grant)),
  };
}

const recordOf = ([kind, key, value, expires, grant]: Row): KeptRecord => ({
  kind: String(kind),
  key: String(key),
  value: String(value),
  ...(expires === null ? {} : { expires: Number(expires) }),
  ...(grant === null ? {} : { grant: String(grant) }),
});

function find(shared: Shared, kind: string, key: string): KeptRecord | undefined {
  const sql = `SELECT ${columns} FROM record WHERE kind = ? AND key = ? AND ${isThere}`;
  const row = shared.database.get(sql, kind, key, shared.now());
  return row && recordOf(row);
}

function list(shared: Shared, kind: string, { count, after, prefix = '' }: RecordQuery): KeptRecord[] {
  const sql =
    `SELECT ${columns} FROM record WHERE kind = ? AND key >= ? AND key < ? AND key > ? AND ${isThere} ` +
    'ORDER BY key LIMIT ?';
  return shared.database
    .all(sql, kind, prefix, `${prefix}${last}`, after ?? '', shared.now(), count)
    .map(recordOf);
}

function keep({ database }: Shared, { kind, key, value, expires, grant }: KeptRecord): void {
  database.run(
    `INSERT OR REPLACE INTO record (${columns}) VALUES (?, ?, ?, ?, ?)`,
    ...[kind, key, value, expires ?? null, grant ?? null],
  );
}

function removeExpired(shared: Shared): void {
  shared.database.run('DELETE FROM record WHERE expires IS NOT NULL AND expires <= ?', shared.now());
}

/** Records behind a place, by kind and key, as they are copied; those that expire before `at` are none. */
export const recordsAfter = (
  { database }: Shared,
  after: readonly [string, string],
  { count, at }: { readonly count: number; readonly at: number },
): KeptRecord[] =>
  database
    .all(
      `SELECT ${columns} FROM record WHERE (kind, key) > (?, ?) AND ${isThere} ORDER BY kind, key LIMIT ?`,
      ...[...after, at, count],
    )
    .map(recordOf);

/** Keeps a record of another store. */
export const takeRecord: (shared: Shared, record: KeptRecord) => void = keep;
