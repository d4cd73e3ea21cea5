import type { Resource } from '@medplum/fhirtypes';
import { parseReference } from './reference.ts';

/** Resources that were read, by Type/id. */
export type Known = ReadonlyMap<string, Resource>;

interface Pointer {
  readonly reference?: string | undefined;
}

/** What a reference names, whatever version, when it is of the type and known here. */
export function knownAs<T extends Resource>(
  known: Known,
  type: T['resourceType'],
  pointer: Pointer | undefined,
): T | undefined {
  const target = parseReference(pointer?.reference);
  const found = target?.type === type ? known.get(`${type}/${target.id}`) : undefined;
  return found?.resourceType === type ? (found as T) : undefined;
}
