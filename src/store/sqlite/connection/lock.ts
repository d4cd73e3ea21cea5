import { mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { keepPrivate, type StoreFile } from './storeFile.ts';
import { isFull, resultCode } from './storeTrouble.ts';

/** A lock that is held until it is released. */
export interface Held {
  release(): void;
}

/**
 * Owns a store until it is released; a process that ends, however it ends, lets go of it. Two locks of the operating
 * system: one beside the file, which holds for every process that sees its folder, and one that goes by what the file
 * is, so that another name of it (a hard link) is the same store. Throws when another process has it, naming that one.
 */
export function lock(file: StoreFile, pid: number): Held {
  const beside = hold(`${file.path}.lock`, file.path, pid);
  try {
    const ofInode = holdInode(file, pid);
    return {
      release: () => {
        ofInode?.release();
        beside.release();
      },
    };
  } catch (error) {
    beside.release();
    throw error;
  }
}

/** The name that a file was last opened by on this machine, whatever name it has besides. */
export function lastNameOf(file: StoreFile): string | undefined {
  try {
    const known = new DatabaseSync(inodeLock(file), { readOnly: true });
    try {
      return String(known.prepare('SELECT path FROM store').get()?.['path']);
    } finally {
      known.close();
    }
  } catch {
    return undefined; // it was never opened here, or was just now for the first time
  }
}

function inodeLock({ device, inode }: StoreFile): string {
  return join(tmpdir(), `claimwright-${userInfo().uid}`, `${device}-${inode}.lock`);
}

function holdInode(file: StoreFile, pid: number): Held | undefined {
  const name = inodeLock(file);
  try {
    mkdirSync(join(name, '..'), { recursive: true, mode: 0o700 });
    keepPrivate(name);
  } catch {
    return undefined; // no folder for temporary files: the lock beside the file still holds
  }
  return hold(name, file.path, pid, (database) => {
    database.exec('CREATE TABLE IF NOT EXISTS store (path TEXT NOT NULL); DELETE FROM store');
    database.prepare('INSERT INTO store (path) VALUES (?)').run(file.path);
  });
}

const busy = 5; // SQLITE_BUSY
const isTaken = (error: unknown): boolean => ((resultCode(error) ?? 0) & 0xff) === busy;

function hold(name: string, store: string, pid: number, more?: (database: DatabaseSync) => void): Held {
  keepPrivate(name);
  const database = new DatabaseSync(name);
  try {
    database.exec('PRAGMA journal_mode = DELETE; BEGIN IMMEDIATE');
    say(database, name, pid, more);
    // readable by others, so that they can name the owner
    if (!database.isTransaction) database.exec('BEGIN IMMEDIATE');
  } catch (error) {
    const owner = isTaken(error) ? ownerOf(database) : undefined;
    database.close();
    if (owner === undefined) throw error;
    throw new Error(
      `${store} is in use by ${owner}: one process owns a store. ` +
        'Stop it first, or load into the running server: npm run load -- --to URL',
      { cause: error },
    );
  }
  return {
    release: () => {
      database.close();
    },
  };
}

/** Writes the owner's name into the lock file. The lock holds also where the disk is full and the name is missing. */
function say(
  database: DatabaseSync,
  name: string,
  pid: number,
  more?: (database: DatabaseSync) => void,
): void {
  try {
    database.exec('CREATE TABLE IF NOT EXISTS owner (pid INTEGER NOT NULL); DELETE FROM owner');
    database.prepare('INSERT INTO owner (pid) VALUES (?)').run(pid);
    more?.(database);
    database.exec('COMMIT');
  } catch (error) {
    if (!isFull(error, name)) throw error;
    if (database.isTransaction) database.exec('ROLLBACK');
  }
}

function ownerOf(database: DatabaseSync): string {
  try {
    const pid = database.prepare('SELECT pid FROM owner').get()?.['pid'];
    return pid === undefined ? 'another process' : `process ${String(pid)}`;
  } catch {
    return 'another process'; // it has only just begun
  }
}
