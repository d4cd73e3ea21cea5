import { readConfig } from '../config.ts';
import { fileOf } from '../store/openStore.ts';
import { backupFile } from '../store/sqlite/copy/backup.ts';

/** Copies the SQLite file behind a store URL, also while a server uses it. */
export async function backup(store: string, to: string): Promise<void> {
  const file = fileOf(store);
  if (file === undefined || file === ':memory:')
    throw new Error('only a store in a SQLite file can be copied');
  await backupFile(file, to);
}

if (import.meta.main) {
  const [to] = process.argv.slice(2);
  try {
    if (to === undefined) throw new Error('say where the copy goes: npm run backup -- FILE');
    await backup(readConfig(process.env).store, to);
    process.stdout.write(`Copied to ${to}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
