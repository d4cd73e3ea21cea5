import type { Store } from './store.ts';

/** Opens 'sqlite:FILE' or 'sqlite::memory:'. `now` stamps meta.lastUpdated. */
export function openStore(url: string, options: { readonly now: () => string }): Promise<Store> {
  return Promise.reject(new Error(`not built yet: ${url} ${options.now()}`));
}
