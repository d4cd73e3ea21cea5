import { badRequest, FhirError, unprocessable } from '../../outcome/fhirError.ts';
import { missing } from '../../outcome/issue.ts';
import { readJson } from '../rest/strictJson.ts';
import type { FhirRequest } from '../rest/request.ts';

export const jsonPatchType = 'application/json-patch+json';

/**
 * The patch that an entry of a Bundle carries: a JSON Patch in a Binary, or a FHIRPath Patch in Parameters.
 * See https://hl7.org/fhir/R4/http.html#patch
 */
export function patchIn(resource: unknown): Pick<FhirRequest, 'resource' | 'patchFormat'> {
  if (resource === undefined) {
    throw unprocessable([missing('missing-element', 'Binary', 'the entry needs its patch')]);
  }
  const { resourceType, contentType, data } = resource as Readonly<Record<string, unknown>>;
  if (resourceType === 'Parameters') return { resource, patchFormat: 'fhirpath-patch' };
  const isBinary = resourceType === 'Binary' && contentType === jsonPatchType && typeof data === 'string';
  if (!isBinary) {
    const text = `a patch in a Bundle is Parameters, or a Binary with contentType ${jsonPatchType} and data`;
    throw badRequest('malformed-patch', text, 'Binary');
  }
  try {
    return { resource: readJson(Buffer.from(data.replace(/\s/g, ''), 'base64')), patchFormat: 'json-patch' };
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    throw badRequest('malformed-patch', 'the data of the Binary is no JSON', 'Binary.data');
  }
}
