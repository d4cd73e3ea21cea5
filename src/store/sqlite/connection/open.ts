import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Registry } from '../../../search/registry.ts';
import { unfinishedMove } from '../../copying.ts';
import { Database } from './database.ts';
import { lock } from './lock.ts';
import { migrate } from './migrate.ts';
import { Shared } from './sqliteState.ts';
import { SqliteStore } from '../sqliteStore.ts';

export interface OpenOptions {
  readonly now: () => string;
  /** Our own URL: references that start with it are references to what is here. */
  readonly base?: string;
  /** The search parameters; without it those that are shipped. */
  readonly registry?: Registry;
  /** Rows that SQLite looks at before a criterion counts as one that selects little; only tests set it. */
  readonly few?: number;
  /** Index entries that a resource may have. */
  readonly indexEntriesMax?: number;
  /** Opens a store that a move into is not finished. */
  readonly moving?: boolean;
  /** Is told in a sentence why an opening takes its time. */
  readonly told?: (text: string) => void;
}

const settings = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = OFF;
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -32768;
  PRAGMA wal_autocheckpoint = 16000;
`;

/** Opens a SQLite file (or ':memory:'), brings it up to date, and owns it until it is closed. */
export function openSqlite(file: string, options: OpenOptions): SqliteStore {
  const inMemory = file === ':memory:';
  if (!inMemory) mkdirSync(dirname(file), { recursive: true });
  const owned = inMemory ? { release: (): void => undefined } : lock(file, process.pid);
  let database: Database | undefined;
  try {
    database = new Database(file);
    database.exec(settings);
    migrate(database);
    if (options.moving !== true && database.get("SELECT 1 FROM setting WHERE name = 'move'"))
      throw new Error(unfinishedMove);
    const shared = new Shared(database, options);
    shared.sync(false);
    // Who held a lease is gone: this process alone owns the store.
    database.run("UPDATE job SET owner = NULL, until = NULL WHERE state IN ('due', 'leased', 'sending')");
    return new SqliteStore(shared, () => {
      owned.release();
    });
  } catch (error) {
    database?.close();
    owned.release();
    throw error;
  }
}
