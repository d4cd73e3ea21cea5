import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { lastNameOf, lock } from '../connection/lock.ts';
import { newestSchema } from '../connection/migrate.ts';
import { keepPrivate, storeFile } from '../connection/storeFile.ts';
import { backupFile } from './backup.ts';

/** What became of a restore: where the store is, and where the former one was kept, if there was one. */
export interface Restored {
  readonly store: string;
  readonly kept?: string;
}

/**
 * Puts a copy in the place of a store. The copy is checked before anything is touched; the former store is kept beside,
 * with its journal, so that none of it is replayed into the copy. Refused while a process owns the store.
 */
export async function restoreFile(copy: string, to: string, at: Date): Promise<Restored> {
  if (!existsSync(copy)) throw new Error(`there is no copy at ${copy}`);
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  const isNew = !existsSync(to);
  const store = storeFile(to, lastNameOf);
  if (realpathSync(copy) === store.path || isSame(copy, store.path))
    throw new Error(`${copy} is the store itself: nothing is to be restored`);
  const owned = lock(store, process.pid);
  const part = `${store.path}.restoring`;
  try {
    rmSync(part, { force: true });
    await take(copy, part);
    check(part, copy);
    const kept = isNew ? undefined : `${store.path}.before-${at.toISOString().replace(/[-:]|\.\d+/g, '')}`;
    if (kept !== undefined) keep(store.path, kept);
    renameSync(part, store.path);
    flush(dirname(store.path));
    return { store: store.path, ...(kept === undefined ? {} : { kept }) };
  } catch (error) {
    if (isNew) rmSync(store.path, { force: true });
    throw error;
  } finally {
    for (const name of [part, `${part}-wal`, `${part}-shm`]) rmSync(name, { force: true });
    owned.release();
  }
}

const isSame = (a: string, b: string): boolean => {
  const [one, other] = [statSync(a, { bigint: true }), statSync(b, { bigint: true })];
  return one.dev === other.dev && one.ino === other.ino;
};

/** Copies the copy: as it is, or through SQLite where a part of it still stands in a journal beside it. */
async function take(copy: string, part: string): Promise<void> {
  const journal = statSync(`${copy}-wal`, { throwIfNoEntry: false });
  if (journal && journal.size > 0) {
    await backupFile(copy, part);
    return;
  }
  keepPrivate(part);
  copyFileSync(copy, part);
  flush(part);
}

/** Throws where a copy is damaged, no store of ours, or one of a newer version. */
function check(part: string, copy: string): void {
  const refuse = (why: string): never => {
    throw new Error(`${copy} ${why}: nothing was changed`);
  };
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(part);
    const schema = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
    const named =
      "SELECT count(*) AS n FROM sqlite_schema WHERE name IN ('resource', 'version', 'journal', 'setting')";
    if (schema === 0 || database.prepare(named).get()?.['n'] !== 4) refuse('is no store of Claimwright');
    if (schema > newestSchema)
      refuse(`was written by a newer version (schema ${schema}; this version knows schema ${newestSchema})`);
    const found = database
      .prepare('PRAGMA quick_check')
      .all()
      .flatMap((row) => String(Object.values(row)[0]).split('\n'));
    if (found[0] !== 'ok') refuse(`is damaged (${found.length} faults, the first: ${found[0] ?? ''})`);
    database.exec('PRAGMA journal_mode = DELETE'); // no journal of its own stays beside it
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'errcode' in error)
      refuse(`is damaged or no store (${'message' in error ? String(error.message) : ''})`);
    throw error;
  } finally {
    database?.close();
  }
}

/** Gives the former store its second name, and its journal goes with that name. */
function keep(path: string, kept: string): void {
  try {
    linkSync(path, kept); // so that there is a store under its name all the time
  } catch {
    renameSync(path, kept); // a file system without hard links
  }
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${kept}-wal`);
  rmSync(`${path}-shm`, { force: true });
}

function flush(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
