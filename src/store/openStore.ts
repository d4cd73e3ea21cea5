import { openSqlite, type OpenOptions } from './sqlite/open.ts';
import type { Store } from './store.ts';

/**
 * Opens 'sqlite:FILE' or 'sqlite::memory:'. `now` stamps meta.lastUpdated; `base` is our own URL, so that absolute
 * references to it are found like relative ones.
 */
// eslint-disable-next-line @typescript-eslint/require-await -- the other store will wait for its server
export async function openStore(url: string, options: OpenOptions): Promise<Store> {
  const [, scheme, rest = ''] = /^([a-z]+):(.+)$/.exec(url) ?? [];
  if (scheme === 'sqlite') return openSqlite(rest, options);
  throw new Error(`a store is sqlite:FILE or sqlite::memory:, not ${scheme ?? 'this'}`);
}
