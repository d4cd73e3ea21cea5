import { epochOf } from '../datatypes/date.ts';
import { badRequest, gone, notFound } from '../outcome/fhirError.ts';
import type { Reader, Stored } from '../store/store.ts';
import type { Answer } from './answer.ts';
import type { Context } from './context.ts';
import { builtIn } from './builtIn.ts';
import type { FhirRequest } from './request.ts';

/** GET [base]/[type]/[id]: the current version. See https://hl7.org/fhir/R4/http.html#read */
export async function read(context: Context, reader: Reader, request: FhirRequest): Promise<Answer> {
  const { type, id } = request.place;
  if (type === undefined || id === undefined) throw notFound('it');
  const version = (await reader.read(type, id)) ?? (await builtIn(context, type, id));
  if (!version) throw notFound(`${type}/${id}`);
  if (version.deleted) throw gone(`${type}/${id}`);
  if (unchanged(request, version)) return { status: 304, version };
  return { status: 200, version, body: version.json };
}

/** Whether the client has this version already. See https://hl7.org/fhir/R4/http.html#cread */
export function unchanged({ ifNoneMatch, ifModifiedSince }: FhirRequest, version: Stored): boolean {
  if (ifNoneMatch !== undefined) {
    return ifNoneMatch
      .split(',')
      .some((tag) => /^\s*(?:W\/)?"(.*)"\s*$/.exec(tag)?.[1] === String(version.version));
  }
  if (ifModifiedSince === undefined) return false;
  const since = epochOf(ifModifiedSince);
  if (since === undefined) throw badRequest('malformed-header', 'If-Modified-Since is not an HTTP date');
  return Math.floor((epochOf(version.lastUpdated) ?? 0) / 1000) * 1000 <= since;
}
