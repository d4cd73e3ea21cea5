import type { GatheredRecord, KeptRecord, RecordKey, RecordQuery, Records } from '../../record.ts';
import type { Row } from '../connection/database.ts';
import type { SqliteState } from '../connection/sqliteState.ts';

/** What of a store records need. */
export type Kept = Pick<SqliteState, 'database' | 'now'>;

const columns = 'kind, key, value, expires, grant_id';
const isThere = '(expires IS NULL OR expires > ?)';
const last = '\u{10ffff}'; // no key has a character behind it

type Ask = <T>(question: (state: Kept) => T) => Promise<T>;

/** Records of a SQLite store; `ask` sees what is committed, `write` makes its work a transaction. */
export function sqliteRecords(ask: Ask, write: Ask): Records {
  return {
    find: (kind, key) => ask((state) => find(state, kind, key)),
    list: (kind, query) => ask((state) => list(state, kind, query)),
    keep: (record) =>
      write((state) => {
        removeExpired(state);
        keep(state, record);
      }),
    add: (record) =>
      write((state) => {
        removeExpired(state);
        if (find(state, record.kind, record.key)) return false;
        keep(state, record);
        return true;
      }),
    replace: (record, former) =>
      write((state) => {
        if (find(state, record.kind, record.key)?.value !== former) return false;
        keep(state, record);
        return true;
      }),
    remove: (kind, key) =>
      write((state) => {
        const wasThere = find(state, kind, key) !== undefined;
        state.database.run('DELETE FROM record WHERE kind = ? AND key = ?', kind, key);
        return wasThere;
      }),
    gather: (kind, records) =>
      write((state) => {
        gather(state, kind, records);
      }),
    removeSome: (kind, count) =>
      write(({ database }) =>
        database.run(
          'DELETE FROM record WHERE kind = ? AND key IN (SELECT key FROM record WHERE kind = ? LIMIT ?)',
          ...[kind, kind, count],
        ),
      ),
    kinds: (prefix) => ask((state) => kinds(state, prefix)),
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

function find(state: Kept, kind: string, key: string): KeptRecord | undefined {
  const sql = `SELECT ${columns} FROM record WHERE kind = ? AND key = ? AND ${isThere}`;
  const row = state.database.get(sql, kind, key, state.now());
  return row && recordOf(row);
}

function list(state: Kept, kind: string, { count, after, prefix = '' }: RecordQuery): KeptRecord[] {
  const sql =
    `SELECT ${columns} FROM record WHERE kind = ? AND key >= ? AND key < ? AND key > ? AND ${isThere} ` +
    'ORDER BY key LIMIT ?';
  return state.database
    .all(sql, kind, prefix, `${prefix}${last}`, after ?? '', state.now(), count)
    .map(recordOf);
}

function keep({ database }: Kept, { kind, key, value, expires, grant }: KeptRecord): void {
  database.run(
    `INSERT OR REPLACE INTO record (${columns}) VALUES (?, ?, ?, ?, ?)`,
    ...[kind, key, value, expires ?? null, grant ?? null],
  );
}

/** Adds records; an array behind the one that is there loses its first bracket, that one its last. */
function gather({ database }: Kept, kind: string, records: readonly GatheredRecord[]): void {
  const sql =
    'INSERT INTO record (kind, key, value) VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET ' +
    "value = substr(value, 1, length(value) - 1) || ',' || substr(excluded.value, 2)";
  for (const { key, value } of records) database.run(sql, kind, key, value);
}

/** Each kind is found by one step in the index from the one before it. */
function kinds({ database }: Kept, prefix: string): string[] {
  const found: string[] = [];
  const sql = 'SELECT kind FROM record WHERE kind > ? AND kind >= ? AND kind < ? ORDER BY kind LIMIT 1';
  for (let after = ''; ;) {
    const row = database.get(sql, after, prefix, `${prefix}${last}`);
    if (!row) return found;
    after = String(row[0]);
    found.push(after);
  }
}

/** The records of these keys that are there. */
export const gathered = (state: Kept, keys: readonly RecordKey[]): KeptRecord[] =>
  keys.flatMap(({ kind, key }) => find(state, kind, key) ?? []);

function removeExpired(state: Kept): void {
  state.database.run('DELETE FROM record WHERE expires IS NOT NULL AND expires <= ?', state.now());
}

/** Records behind a place, by kind and key, as they are copied; those that expire before `at` are none. */
export const recordsAfter = (
  { database }: Kept,
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
export const takeRecord: (state: Kept, record: KeptRecord) => void = keep;
