import type { ResourceType } from '@medplum/fhirtypes';
import { badRequest } from '../../outcome/fhirError.ts';
import { onlyParameters } from './onlyParameters.ts';
import type { FhirRequest } from './request.ts';
import { shaped, takeShape } from '../search/summary.ts';

/**
 * Reads `_summary` and `_elements` of a read or vread, and gives what makes the part of the resource that is wanted.
 * See https://hl7.org/fhir/R4/search.html#summary
 */
export function readShape(
  request: FhirRequest,
  what: string,
): (type: ResourceType, json: Uint8Array | string) => Uint8Array | string {
  if (request.query === '') return whole;
  return shapeOfOne(onlyParameters(request, what, ['_summary', '_elements']), what);
}

/** The same of parameters that are read already, which hold nothing else. */
export function shapeOfOne(
  pairs: readonly [string, string][],
  what: string,
): (type: ResourceType, json: Uint8Array | string) => Uint8Array | string {
  const { shape } = takeShape(pairs);
  if (!shape) return whole;
  if ('summary' in shape && shape.summary === 'count') {
    throw badRequest('malformed-value', `${what} counts nothing: _summary is one of true, text, data, false`);
  }
  return (type, json) => shaped(type, json, shape);
}

const whole = (_: ResourceType, json: Uint8Array | string): Uint8Array | string => json;
