import type { ResourceType } from '@medplum/fhirtypes';
import type { SearchQuery } from './query.ts';

/** Search parameters as name and value pairs → query. Throws FhirError 400. */
export function parsePairs(type: ResourceType, pairs: readonly (readonly [string, string])[]): SearchQuery {
  throw new Error(`not built yet: ${type} ${pairs.length}`);
}
