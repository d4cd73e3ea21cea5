import { badRequest } from '../../outcome/fhirError.ts';
import { readPairs } from './strictJson.ts';
import type { FhirRequest } from './request.ts';

/** Parameters that the transport handles. */
const ofTransport = new Set(['_format', '_pretty']);

/**
 * The query of an interaction that knows few parameters, as name and value pairs; 400 for one that it does not know:
 * nothing is silently ignored. `what` is 'a read'.
 */
export function onlyParameters(
  { query }: Pick<FhirRequest, 'query'>,
  what: string,
  known: readonly string[] = [],
): [string, string][] {
  if (query === '') return [];
  const pairs = readPairs(query).filter(([name]) => !ofTransport.has(name));
  for (const [name] of pairs) {
    if (known.includes(name)) continue;
    const there = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
    throw badRequest('unknown-parameter', `${what} has no parameter ${name.slice(0, 64)}; ${there}`);
  }
  return pairs;
}
