import { existsSync, renameSync, rmSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { keepPrivate } from '../connection/storeFile.ts';

/**
 * Copies a store's file, also while another process writes to it; the copy is a valid store of one moment. It appears
 * under its name when it is whole; a file that is there already is never written over.
 */
export async function backupFile(from: string, to: string): Promise<void> {
  if (!existsSync(from)) throw new Error(`there is no store at ${from}`);
  if (existsSync(to)) throw new Error(`${to} exists already`);
  const part = `${to}.part`;
  rmSync(part, { force: true });
  keepPrivate(part);
  const source = new DatabaseSync(from, { timeout: 10_000 });
  try {
    await backup(source, part, { rate: 0x7fffffff }); // all pages in one step: nobody's write starts it anew
    renameSync(part, to);
  } finally {
    source.close();
    rmSync(part, { force: true });
  }
}
