import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Registry } from '../../../search/registry.ts';
import { unfinishedMove } from '../../copying.ts';
import { Database } from './database.ts';
import { lastNameOf, lock, type Held } from './lock.ts';
import { migrate } from './migrate.ts';
import { SqliteState } from './sqliteState.ts';
import { SqliteStore } from '../sqliteStore.ts';
import { isNoRoom, storeFile, type StoreFile } from './storeFile.ts';
import { damagedText, fullText, isDamage, isFull, StoreTrouble, takeRoom } from './storeTrouble.ts';
import type { Trouble } from '../../../outcome/trouble.ts';

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
  /** Called with a sentence that says why opening takes long. */
  readonly told?: (text: string) => void;
  /** Called when a fault of the open store begins, and when it ends. */
  readonly onTrouble?: (trouble: Trouble | undefined) => void;
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
  if (file === ':memory:') return openOwned(undefined, { release: () => undefined }, options);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 }); // 0700 where it is made anew
    const found = storeFile(file, lastNameOf);
    return openOwned(found, lock(found, process.pid), options);
  } catch (error) {
    if (isFull(error, file) || isNoRoom(error)) throw new Error(fullText(file), { cause: error });
    if (isDamage(error)) throw new Error(damagedText(file), { cause: error });
    throw error;
  }
}

/** Written at every opening. On a full disk the store is opened for reading, and the fault is reported at once. */
function firstWrites(database: Database, trouble: StoreTrouble, path: string | undefined): void {
  try {
    for (const sql of takeRoom) database.exec(sql);
    // No earlier holder of a lease is running: this process alone owns the store.
    database.run("UPDATE job SET owner = NULL, until = NULL WHERE state IN ('due', 'leased', 'sending')");
  } catch (error) {
    if (!isFull(error, path)) throw error;
    trouble.meet(error);
  }
}

/** An empty store in memory that has numbered the shipped search parameters: the next one of this process starts from it. */
let emptyInMemory: Uint8Array | undefined;

function newDatabase(file: StoreFile | undefined, options: OpenOptions): Database {
  const database = new Database(file?.path ?? ':memory:');
  if (!file && !options.registry && emptyInMemory) {
    database.connection.deserialize(emptyInMemory);
    database.exec("DELETE FROM setting WHERE name = 'secret'"); // each store has its own
  }
  return database;
}

function openOwned(file: StoreFile | undefined, owned: Held, options: OpenOptions): SqliteStore {
  let database: Database | undefined;
  try {
    database = newDatabase(file, options);
    database.exec(settings);
    migrate(database);
    if (options.moving !== true && database.get("SELECT 1 FROM setting WHERE name = 'move'"))
      throw new Error(unfinishedMove);
    const trouble = new StoreTrouble(file, options.onTrouble);
    const state = new SqliteState(database, options, trouble);
    state.sync(false);
    if (!file && !options.registry) emptyInMemory ??= database.connection.serialize();
    firstWrites(database, trouble, file?.path);
    return new SqliteStore(state, () => {
      owned.release();
    });
  } catch (error) {
    database?.close();
    owned.release();
    throw error;
  }
}
