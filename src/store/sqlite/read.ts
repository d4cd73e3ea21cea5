import type { DatabaseSync } from 'node:sqlite';
import type { ResourceType } from '@medplum/fhirtypes';
import type { Entry } from '../../datatypes/entry.ts';
import type { Reader, Remembered } from '../store.ts';
import { storedOf, type Types, type VersionRow } from './rows.ts';
import type { SearchIndex } from './searchIndex.ts';

interface Parts {
  readonly types: Types;
  readonly index: SearchIndex;
  readonly now: () => string;
  readonly generations: ReadonlyMap<ResourceType, number>;
}

const columns = 'rid, version, updated, method, body';

/** Everything that can be asked of the store. */
export function reader(database: DatabaseSync, { types, index, now, generations }: Parts): Reader {
  const current = database.prepare(`SELECT ${columns} FROM resource WHERE type = ? AND id = ?`);
  const earlier = database.prepare(`SELECT ${columns} FROM version WHERE rid = ? AND version = ?`);
  const before = database.prepare(
    `SELECT ${columns} FROM version WHERE rid = ? AND version < ? ORDER BY version DESC LIMIT ?`,
  );
  const journal = database.prepare('SELECT entry FROM journal WHERE account = ? ORDER BY seq');
  const entries = database.prepare('SELECT seq, entry FROM journal WHERE seq > ? ORDER BY seq LIMIT ?');
  const holder = database.prepare('SELECT holder FROM unique_key WHERE key = ?');
  const answer = database.prepare(
    'SELECT body_hash AS bodyHash, status, headers, body FROM answer WHERE key = ? AND (expires IS NULL OR expires > ?)',
  );
  const rowOf = (type: ResourceType, id: string): VersionRow | undefined =>
    current.get(types.number(type), id) as VersionRow | undefined;

  /* eslint-disable @typescript-eslint/require-await -- node:sqlite answers at once; an error becomes a rejection */
  return {
    read: async (type, id) => {
      const row = rowOf(type, id);
      return row && storedOf(type, id, row);
    },
    vread: async (type, id, version) => {
      const row = rowOf(type, id);
      if (!row || row.version === version) return row && storedOf(type, id, row);
      const old = earlier.get(row.rid, version) as VersionRow | undefined;
      return old && storedOf(type, id, old);
    },
    history: async (type, id, { count, before: below = Number.MAX_SAFE_INTEGER }) => {
      const row = rowOf(type, id);
      if (!row) return [];
      const first = row.version < below ? [row] : [];
      const rest = before.all(row.rid, below, count) as unknown as VersionRow[];
      return [...first, ...rest].slice(0, count).map((each) => storedOf(type, id, each));
    },
    search: async (query) => index.search(query),
    referrers: async (type, id, count) => index.referrers(type, id, count),
    journal: async (account) =>
      (journal.all(account) as { entry: string }[]).map(({ entry }) => JSON.parse(entry) as Entry),
    entries: async ({ count, after = 0 }) => {
      const rows = entries.all(after, count) as { seq: number; entry: string }[];
      const last = rows.at(-1);
      return {
        entries: rows.map(({ entry }) => JSON.parse(entry) as Entry),
        ...(last && rows.length === count ? { next: last.seq } : {}),
      };
    },
    holder: async (key) => (holder.get(key) as { holder: string } | undefined)?.holder,
    recall: async (key) => {
      const row = answer.get(key, now()) as (Omit<Remembered, 'headers'> & { headers: string }) | undefined;
      return row && { ...row, headers: JSON.parse(row.headers) as Remembered['headers'] };
    },
    generation: async (type) => generations.get(type) ?? 0,
  };
  /* eslint-enable @typescript-eslint/require-await */
}
