import { backup as copy, DatabaseSync } from 'node:sqlite';

/** Copies a store to a file, also while another process writes to it; the copy is a valid store of that moment. */
export async function backup(from: DatabaseSync, to: string): Promise<void> {
  await copy(from, to, { rate: -1 });
}

/** The same for the file of a store that another process may own. */
export async function backupFile(from: string, to: string): Promise<void> {
  const source = new DatabaseSync(from, { timeout: 5000 });
  try {
    await backup(source, to);
  } finally {
    source.close();
  }
}
