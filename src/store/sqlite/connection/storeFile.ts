import {
  chmodSync,
  closeSync,
  openSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** A store's file: the name that SQLite opens it by, and what tells it from every other file. */
export interface StoreFile {
  readonly path: string;
  readonly device: bigint;
  readonly inode: bigint;
}

/** Mode of the store, SQLite's journal, lock and backup: readable by the owner only, as they hold charts. */
export const ownerOnly = 0o600;

function look(path: string): { device: bigint; inode: bigint; names: bigint } | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found && { device: found.dev, inode: found.ino, names: found.nlink };
}

const isSame = (
  a: { device: bigint; inode: bigint } | undefined,
  b: { device: bigint; inode: bigint },
): boolean => a?.device === b.device && a.inode === b.inode;

/** The journal of SQLite beside a store that is open; it stays the same file until the store is closed. */
export function journalOf({ path }: StoreFile): StoreFile | undefined {
  const found = look(`${path}-wal`);
  return found && { path: `${path}-wal`, device: found.device, inode: found.inode };
}

/** True while the file under its name is the one that was opened. */
export const isSameFile = (file: StoreFile): boolean => isSame(look(file.path), file);

/** Makes a file where there is none, for its owner only, and takes the rights of others to one that is there. */
export function keepPrivate(path: string): void {
  closeSync(openSync(path, 'a', ownerOnly));
  if ((statSync(path).mode & 0o077) === 0) return;
  try {
    chmodSync(path, ownerOnly);
  } catch {
    // it belongs to another user, who decides about its mode
  }
}

/**
 * The store's file behind a name, made where there is none. A symbolic link is followed. A file that has several names
 * (hard links) is opened by the one it was opened by before (`knownAs`), or the one beside which SQLite's journal lies:
 * under another name SQLite would not see what stands in that journal.
 */
export function storeFile(name: string, knownAs: (file: StoreFile) => string | undefined): StoreFile {
  keepPrivate(name);
  const path = realpathSync(name);
  const found = look(path);
  if (!found) throw new Error(`${path} was removed while it was opened`);
  const file = { path, device: found.device, inode: found.inode };
  for (const beside of [`${path}-wal`, `${path}-shm`]) if (look(beside)) keepPrivate(beside);
  if (found.names === 1n || look(`${path}-wal`)) return file;
  const known = knownAs(file);
  if (known !== undefined && isSame(look(known), file)) return { ...file, path: known };
  const sibling = readdirSync(dirname(path))
    .map((other) => join(dirname(path), other))
    .find((other) => isSame(look(other), file) && look(`${other}-wal`));
  return { ...file, path: sibling ?? path };
}

/** What an operating system answers where nothing more may be written: the disk, a quota, a limit on the size of a file. */
const noRoom: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** True for an error of the operating system that says there is no room. */
export const isNoRoom = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && noRoom.includes(error.code);

/** Tries whether the store's files could grow by 64 KB, by one byte in a file beside them. */
export function takesNoMore(path: string): boolean {
  const end = Math.max(
    0,
    ...[path, `${path}-wal`].map((name) => statSync(name, { throwIfNoEntry: false })?.size ?? 0),
  );
  const tried = `${path}.room`;
  try {
    const file = openSync(tried, 'w', ownerOnly);
    try {
      writeSync(file, Buffer.alloc(1), 0, 1, end + 65_535);
    } finally {
      closeSync(file);
    }
    return false;
  } catch (error) {
    return isNoRoom(error);
  } finally {
    rmSync(tried, { force: true });
  }
}
