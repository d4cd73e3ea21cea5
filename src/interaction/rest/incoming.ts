import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { isId } from '../../datatypes/id.ts';
import { badRequest } from '../../outcome/fhirError.ts';
import { etag, versionUrl, type Answer } from './answer.ts';
import type { Context } from '../context.ts';
import type { FhirRequest } from './request.ts';
import { retryUndo } from '../bundle/retryUndo.ts';
import type { Stored } from '../../store/store.ts';
import { toOutcome } from '../../outcome/issue.ts';

/** The body as a resource of the type; 400 when it is no resource or of another type. Its elements are not judged. */
export function incoming(type: ResourceType, body: unknown): Resource {
  if (typeof body !== 'object' || body === null || Array.isArray(body) || !('resourceType' in body)) {
    throw badRequest('not-a-resource', 'the body is not a FHIR resource: it has no resourceType');
  }
  if (body.resourceType !== type) {
    throw badRequest('wrong-resource-type', `the URL is of ${type}, the body is not`, type);
  }
  retryUndo(body);
  return body as Resource;
}

/** The body as the resource that the URL names; 400 when its id is missing or another. */
export function incomingAt(type: ResourceType, id: string, body: unknown): Resource & { id: string } {
  const resource = incoming(type, body);
  if (resource.id === undefined) {
    throw badRequest('missing-id', `the resource must have the id of the URL, ${id}`, `${type}.id`);
  }
  if (resource.id !== id || !isId(id)) {
    throw badRequest('wrong-id', `the id of the resource is not that of the URL, ${id}`, `${type}.id`);
  }
  return resource as Resource & { id: string };
}

/** The answer to a create or update, with as much of it as the client prefers. */
export function written(context: Context, request: FhirRequest, version: Stored, made: boolean): Answer {
  return {
    status: made ? 201 : 200,
    version,
    location: versionUrl(context.publicUrl, version),
    ...preferred(request, version),
  };
}

function preferred({ prefer }: FhirRequest, version: Stored): Pick<Answer, 'body' | 'isOutcome'> {
  if (prefer === 'minimal') return {};
  if (prefer === 'representation') return { body: version.json };
  const text = `${version.type}/${version.id} is at version ${etag(version)}`;
  return {
    isOutcome: true,
    body: JSON.stringify(toOutcome([{ severity: 'information', code: 'informational', details: { text } }])),
  };
}
