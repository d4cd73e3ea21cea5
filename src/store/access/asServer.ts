import type { ResourceType } from '@medplum/fhirtypes';
import type { Reader } from '../store.ts';

const servers = new WeakMap<Reader, Reader>();
const whole = new WeakMap<Reader, (type: ResourceType) => boolean>();

/** Notes what sees everything behind a reader that does not, and of which types it sees all the same. */
export function noteServer<T extends Reader>(
  confined: T,
  all: T,
  seesAllOf: (type: ResourceType) => boolean = () => false,
): void {
  servers.set(confined, all);
  whole.set(confined, seesAllOf);
}

/** Whether a reader sees everything: most principals, and the server itself. */
export const seesAll = (reader: Reader): boolean => !servers.has(reader);

/** Whether a reader sees every resource of a type, so that what it does not see is not there. */
export const seesAllOf = (reader: Reader, type: ResourceType): boolean =>
  seesAll(reader) || whole.get(reader)?.(type) === true;

/**
 * The store or transaction as the server itself sees it, whoever asks: for what an answer is computed with (definitions,
 * code maps, plans, keys, the journal), never for what a caller named or is answered with.
 */
export const asServer = <T extends Reader>(reader: T): T => (servers.get(reader) as T | undefined) ?? reader;
