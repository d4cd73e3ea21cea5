import type { ResourceType } from '@medplum/fhirtypes';
import type { Reader } from '../store.ts';

const servers = new WeakMap<Reader, Reader>();
const whole = new WeakMap<Reader, (type: ResourceType) => boolean>();

/** Registers the unrestricted reader behind a restricted one, and the types that the restricted one sees in full. */
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
 * The store or transaction with the server's own access, for the data that an answer is computed with (definitions, code
 * maps, plans, keys, the journal); never for what a caller named or is answered with.
 */
export const asServer = <T extends Reader>(reader: T): T => (servers.get(reader) as T | undefined) ?? reader;
