import type { ResourceType } from '@medplum/fhirtypes';
import { badRequest } from '../outcome/fhirError.ts';
import { parsePairs } from '../search/parse.ts';
import type { Reader } from '../store/store.ts';
import { readPairs } from './body.ts';

/**
 * Ids of what matches a condition such as `identifier=system|value`: none, one, or two when there are several.
 * See https://hl7.org/fhir/R4/http.html#ccreate
 */
export async function matchesOf(reader: Reader, type: ResourceType, condition: string): Promise<string[]> {
  const text = condition.startsWith(`${type}?`) ? condition.slice(type.length + 1) : condition;
  const pairs = readPairs(text);
  if (pairs.length === 0 || pairs.some(([name]) => resultParameter.test(name))) {
    throw badRequest('malformed-condition', `a condition on ${type} must consist of search criteria`);
  }
  const page = await reader.search({ ...parsePairs(type, pairs), count: 2, total: 'none' });
  return page.matches.map(({ id }) => id);
}

/** Parameters that shape a result and select nothing. */
const resultParameter = /^_(?:sort|count|total|include|revinclude|summary|elements|cursor|format)\b/;
