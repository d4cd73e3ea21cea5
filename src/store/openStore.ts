import { openSqlite } from './sqlite/open.ts';
import type { Store } from './store.ts';

/** Opens 'sqlite:FILE' or 'sqlite::memory:'. `now` stamps meta.lastUpdated. Throws on any other URL. */
export async function openStore(url: string, options: { readonly now: () => string }): Promise<Store> {
  const [, file] = /^sqlite:(.+)$/.exec(url) ?? [];
  if (file === undefined)
    throw new Error(`not a store: ${url.split(':')[0] ?? ''}:…; use sqlite:FILE or sqlite::memory:`);
  return Promise.resolve(openSqlite(file, options));
}
