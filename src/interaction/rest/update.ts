import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { isId } from '../../datatypes/id.ts';
import { badRequest, conflict } from '../../outcome/fhirError.ts';
import type { Stored, Transaction } from '../../store/store.ts';
import type { Answer } from './answer.ts';
import { theMatch } from './condition.ts';
import type { Context } from '../context.ts';
import { incoming, incomingAt, written } from './incoming.ts';
import { onlyParameters } from './onlyParameters.ts';
import { versionToFollow } from './precondition.ts';
import type { FhirRequest } from './request.ts';
import { freshId, withId } from '../bundle/retryUndo.ts';
import { writeResource } from '../repository.ts';

/**
 * PUT [base]/[type]/[id]: the next version, or the first where there is none. PUT [base]/[type]?criteria: the same of
 * the one match. See https://hl7.org/fhir/R4/http.html#update
 */
export async function update(context: Context, tx: Transaction, request: FhirRequest): Promise<Answer> {
  const { type = 'Basic', id } = request.target;
  if (id !== undefined) onlyParameters(request, 'an update');
  const resource =
    id === undefined ? await atMatch(context, tx, type, request) : incomingAt(type, id, request.resource);
  const known = await tx.read(type, resource.id);
  const ifMatch = versionToFollow(request, known, { type, id: resource.id });
  const version = await writeResource(context, tx, resource, {
    by: 'client',
    method: 'PUT',
    ifMatch,
    isLinked: request.isLiteral === true,
  });
  return written(context, request, version, !known || known.deleted);
}

/** The body as the resource that the criteria match, or as a new one. */
async function atMatch(
  context: Context,
  tx: Transaction,
  type: ResourceType,
  { query, resource: body }: FhirRequest,
): Promise<Resource & { id: string }> {
  const resource = incoming(type, body);
  const match = await theMatch(context, tx, type, query);
  const id = match ?? (await idForNone(context, tx, resource));
  if (match !== undefined) refuseOtherId(resource, match);
  return withId(resource, id);
}

/** 400 when the body has another id than the resource that the criteria match. */
export function refuseOtherId(resource: Resource, match: string): void {
  if (resource.id === undefined || resource.id === match) return;
  const type = resource.resourceType;
  throw badRequest('wrong-id', `the criteria match ${type}/${match}, the body has another id`, `${type}.id`);
}

/** The id of what the criteria do not match yet: that of the body where nobody has it, else a new one. */
export async function idForNone(context: Context, tx: Transaction, resource: Resource): Promise<string> {
  const { resourceType: type, id } = resource;
  if (id === undefined) return freshId(resource, context.newId);
  if (!isId(id)) {
    throw badRequest('malformed-id', 'an id has 1 to 64 letters, digits, hyphens and dots', `${type}.id`);
  }
  const known: Stored | undefined = await tx.read(type, id);
  if (!known || known.deleted) return id;
  throw conflict('id-taken', `${type}/${id} is there and does not match the criteria`, `${type}.id`);
}
