import { openSqlite, type OpenOptions } from './sqlite/open.ts';
import type { Store } from './store.ts';

/** The file of 'sqlite:FILE' (or ':memory:'); undefined for any other URL. */
export const fileOf = (url: string): string | undefined => /^sqlite:(.+)$/.exec(url)?.[1];

/**
 * Opens 'sqlite:FILE' or 'sqlite::memory:'. `now` stamps meta.lastUpdated; `base` is our own URL, so that absolute
 * references to it are found like relative ones.
 */
// eslint-disable-next-line @typescript-eslint/require-await -- the other store will wait for its server
export async function openStore(url: string, options: OpenOptions): Promise<Store> {
  const file = fileOf(url);
  if (file === undefined) throw new Error('not a store; use sqlite:FILE or sqlite::memory:');
  return openSqlite(file, options);
}
