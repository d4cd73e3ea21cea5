import type { Reader } from '../store.ts';

const servers = new WeakMap<Reader, Reader>();

/** Notes what sees everything behind a reader that does not. */
export function noteServer<T extends Reader>(confined: T, all: T): void {
  servers.set(confined, all);
}

/** Whether a reader sees everything: most principals, and the server itself. */
export const seesAll = (reader: Reader): boolean => !servers.has(reader);

/**
 * The store or transaction as the server itself sees it, whoever asks: for what an answer is computed with (definitions,
 * code maps, plans, keys, the journal), never for what a caller named or is answered with.
 */
export const asServer = <T extends Reader>(reader: T): T => (servers.get(reader) as T | undefined) ?? reader;
