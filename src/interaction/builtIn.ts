import type { ResourceType } from '@medplum/fhirtypes';
import type { Context } from './context.ts';

/** JSON of a conformance resource that the server brings along; a stored one of the same id hides it. */
export const builtIn = (context: Context, type: ResourceType, id: string): string | undefined =>
  context.builtIn?.get(`${type}/${id}`);
