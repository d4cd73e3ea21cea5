import type { ResourceType } from '@medplum/fhirtypes';
import { epochOf } from '../../datatypes/date.ts';
import { badRequest, fhirError, stale } from '../../outcome/fhirError.ts';
import type { Stored } from '../../store/store.ts';
import type { FhirRequest } from './request.ts';

const tags = /^\s*(?:W\/)?"[^"]*"(?:\s*,\s*(?:W\/)?"[^"]*")*\s*$/;
/** An HTTP date in the form that is sent, or the FHIR instant of Bundle.entry.request.ifModifiedSince. */
const moment =
  /^(?:[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))$/;

/** Whether a list of entity tags names the version, or `*` any current one; 400 when it is no such list. */
function names(header: string, name: string, version: Stored | undefined): boolean {
  const isThere = version?.deleted === false;
  if (header.trim() === '*') return isThere;
  if (!tags.test(header)) throw badRequest('malformed-header', `${name} must be an ETag, as in W/"3"`);
  return isThere && [...header.matchAll(/"([^"]*)"/g)].some(([, tag]) => tag === String(version.version));
}

/**
 * The version a write follows, for the store to hold it to; undefined when the client does not care. 412 when
 * If-Match does not name the current version, or If-None-Match does.
 * See https://hl7.org/fhir/R4/http.html#concurrency
 */
export function versionToFollow(
  { ifMatch, ifNoneMatch }: FhirRequest,
  known: Stored | undefined,
  { type, id }: { readonly type: ResourceType; readonly id: string },
): number | undefined {
  if (ifNoneMatch !== undefined && names(ifNoneMatch, 'If-None-Match', known)) {
    const why = ifNoneMatch.trim() === '*' ? 'there is one already' : 'it names the current version';
    throw fhirError(
      412,
      'conflict',
      'version-conflict',
      `${type}/${id} is not written: If-None-Match asks that nothing be there that it names, and ${why}`,
    );
  }
  if (ifMatch === undefined) return undefined;
  if (!names(ifMatch, 'If-Match', known)) throw stale(`${type}/${id}`);
  return known?.version;
}

/** Whether a write names the version it wants to follow, so that the current one has to be read first. */
export const isConditional = ({ ifMatch, ifNoneMatch }: FhirRequest): boolean =>
  ifMatch !== undefined || ifNoneMatch !== undefined;

/** Whether the client has this version already. See https://hl7.org/fhir/R4/http.html#cread */
export function unchanged({ ifNoneMatch, ifModifiedSince }: FhirRequest, version: Stored): boolean {
  const since = ifModifiedSince === undefined ? undefined : sinceOf(ifModifiedSince);
  if (ifNoneMatch !== undefined) return names(ifNoneMatch, 'If-None-Match', version);
  if (since === undefined) return false;
  return Math.floor((epochOf(version.lastUpdated) ?? 0) / 1000) * 1000 <= since;
}

function sinceOf(header: string): number {
  const since = moment.test(header.trim()) ? epochOf(header) : undefined;
  if (since === undefined) throw badRequest('malformed-header', 'If-Modified-Since is not an HTTP date');
  return since;
}
