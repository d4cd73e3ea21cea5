import type { Reader } from '../store.ts';

const servers = new WeakMap<Reader, Reader>();

/** Registers the unrestricted reader behind a restricted one. */
export function noteServer<T extends Reader>(confined: T, all: T): void {
  servers.set(confined, all);
}

/** Whether a reader sees everything: most principals, and the server itself. */
export const seesAll = (reader: Reader): boolean => !servers.has(reader);

/**
 * The store or transaction with the server's own access, for the data that an answer is computed with (definitions, code
 * maps, plans, keys, the journal); never for what a caller named or is answered with.
 */
export const asServer = <T extends Reader>(reader: T): T => (servers.get(reader) as T | undefined) ?? reader;
