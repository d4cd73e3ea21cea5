import { openSqlite, type OpenOptions } from './sqlite/connection/open.ts';
import type { Records } from './record.ts';
import { recordsBeside } from './sqlite/record/beside.ts';
import type { Store } from './store.ts';

/** The file of 'sqlite:FILE' (or ':memory:'); undefined for any other URL. */
export const fileOf = (url: string): string | undefined => /^sqlite:(.+)$/.exec(url)?.[1];

/**
 * Opens 'sqlite:FILE', 'sqlite::memory:' or 'mongodb://…/DATABASE'. `now` stamps meta.lastUpdated; `base` is our own
 * URL, so that absolute references to it are found like relative ones.
 */
export async function openStore(url: string, options: OpenOptions): Promise<Store> {
  if (/^mongodb(\+srv)?:\/\//.test(url)) {
    const { openMongodb } = await import('./mongodb/connection/open.ts'); // its driver takes a tenth of a second to load
    return openMongodb(url, options);
  }
  const file = fileOf(url);
  if (file === undefined)
    throw new Error('not a store; use sqlite:FILE, sqlite::memory: or mongodb://…/DATABASE');
  return openSqlite(file, options);
}

/**
 * The records of a store, for a command that changes accounts, clients and keys. A SQLite store that a server owns is
 * opened beside it, for its records only.
 */
export async function openRecords(
  url: string,
  options: OpenOptions,
): Promise<{ readonly records: Records; readonly close: () => Promise<void> }> {
  const file = fileOf(url);
  try {
    const store = await openStore(url, options);
    return { records: store.records, close: () => store.close() };
  } catch (error) {
    if (file === undefined || !(error instanceof Error) || !/ is in use by /.test(error.message)) throw error;
    return recordsBeside(file, options.now);
  }
}
