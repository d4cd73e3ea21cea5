import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** One process owns a SQLite store. The lock is the operating system's, so it goes with the process that dies. */
export interface Lock {
  release(): void;
}

/** Takes the lock of a store file; throws an error that names who has it. */
export function lock(file: string): Lock {
  const side = new DatabaseSync(`${file}.lock`);
  try {
    side.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    side.close();
    throw new Error(
      `the store ${file} is in use by ${owner(file)}; a SQLite store has one owner. ` +
        'To load into the running server, use: npm run load -- --to URL',
      { cause: error },
    );
  }
  writeFileSync(`${file}.owner`, String(process.pid));
  return {
    release: () => {
      rmSync(`${file}.owner`, { force: true });
      side.exec('ROLLBACK');
      side.close();
    },
  };
}

function owner(file: string): string {
  try {
    return `process ${readFileSync(`${file}.owner`, 'utf8')}`;
  } catch {
    return 'another process';
  }
}
