import { readConfig } from '../config.ts';
import { fileOf } from '../store/openStore.ts';
import { openSqlite } from '../store/sqlite/open.ts';

/** Makes every index entry of a store anew, a type at a time; answers how many resources there are. */
export async function reindex(url: string, base?: string): Promise<number> {
  const file = fileOf(url);
  if (file === undefined) throw new Error('only a SQLite store has an index to make anew');
  const now = (): string => new Date().toISOString();
  const store = openSqlite(file, { now, ...(base === undefined ? {} : { base }) });
  try {
    return await store.reindex();
  } finally {
    await store.close();
  }
}

if (import.meta.main) {
  try {
    const { store, publicUrl } = readConfig(process.env);
    process.stdout.write(`Indexed ${await reindex(store, publicUrl)} resources\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
