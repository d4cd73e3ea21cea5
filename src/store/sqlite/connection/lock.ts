import { DatabaseSync } from 'node:sqlite';

/**
 * Holds a lock of the operating system beside a store's file until it is released; a process that ends, however it
 * ends, lets go of it. Throws when another process (or store) holds it, naming that one.
 */
export function lock(file: string, pid: number): { release(): void } {
  const beside = new DatabaseSync(`${file}.lock`);
  try {
    beside.exec('PRAGMA journal_mode = DELETE; BEGIN IMMEDIATE');
    beside.exec('CREATE TABLE IF NOT EXISTS owner (pid INTEGER NOT NULL); DELETE FROM owner');
    beside.prepare('INSERT INTO owner (pid) VALUES (?)').run(pid);
    beside.exec('COMMIT; BEGIN IMMEDIATE'); // others may read whose it is, and cannot take it
  } catch {
    const owner = ownerOf(beside);
    beside.close();
    throw new Error(
      `${file} is in use by process ${owner}: one process owns a store. ` +
        'Stop it first, or load into the running server: npm run load -- --to URL',
    );
  }
  return {
    release: () => {
      beside.close();
    },
  };
}

function ownerOf(beside: DatabaseSync): string {
  try {
    return String(beside.prepare('SELECT pid FROM owner').get()?.['pid'] ?? 'unknown');
  } catch {
    return 'unknown'; // it has only just begun
  }
}
