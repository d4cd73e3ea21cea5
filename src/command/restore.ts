import { readConfig } from '../config.ts';
import { fileOf } from '../store/openStore.ts';
import { restoreFile, type Restored } from '../store/sqlite/copy/restore.ts';

/** Puts a copy in the place of the SQLite file behind a store URL; no server may own it. */
export async function restore(copy: string, store: string): Promise<Restored> {
  const file = fileOf(store);
  if (file === undefined || file === ':memory:')
    throw new Error(
      'only a store in a SQLite file can be restored; a MongoDB database is restored with its own tools (mongorestore)',
    );
  return restoreFile(copy, file, new Date());
}

if (import.meta.main) {
  const [copy, ...more] = process.argv.slice(2);
  try {
    if (copy === undefined || more.length > 0)
      throw new Error('say which copy is restored: npm run restore -- FILE');
    const { store, kept } = await restore(copy, readConfig(process.env).store);
    process.stdout.write(`Restored ${copy} to ${store}\n`);
    if (kept !== undefined) process.stdout.write(`The former store is kept at ${kept}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
