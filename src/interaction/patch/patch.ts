import { notFound } from '../../outcome/fhirError.ts';
import type { Transaction } from '../../store/store.ts';
import type { Answer } from '../rest/answer.ts';
import { theMatch } from '../rest/condition.ts';
import type { Context } from '../context.ts';
import { limitsOf } from '../limits.ts';
import { written } from '../rest/incoming.ts';
import { onlyParameters } from '../rest/onlyParameters.ts';
import { applyPatch } from './applyPatch.ts';
import { versionToFollow } from '../rest/precondition.ts';
import type { FhirRequest } from '../rest/request.ts';
import { readStored, writeResource } from '../repository.ts';

/**
 * PATCH [base]/[type]/[id]: the next version, from the current one and what shall change. PATCH [base]/[type]?criteria:
 * the same of the one match. See https://hl7.org/fhir/R4/http.html#patch
 */
export async function patch(context: Context, tx: Transaction, request: FhirRequest): Promise<Answer> {
  const { type = 'Basic' } = request.target;
  const id = await patchedId(context, tx, request);
  const stored = await readStored(tx, type, id);
  const ifMatch = versionToFollow(request, stored, { type, id });
  const resource = applyPatch(stored, request.resource, {
    patchFormat: request.patchFormat,
    operationsMax: limitsOf(context).patchOperations,
  });
  const version = await writeResource(context, tx, resource, {
    by: 'client',
    method: 'PUT',
    ifMatch,
  });
  return written(context, request, version, false);
}

/** Which resource a patch is about; 404 when the criteria match none, 412 when they match several. */
export async function patchedId(context: Context, tx: Transaction, request: FhirRequest): Promise<string> {
  const { type = 'Basic', id } = request.target;
  if (id !== undefined) {
    onlyParameters(request, 'a patch');
    return id;
  }
  const match = await theMatch(context, tx, type, request.query);
  if (match === undefined) throw notFound(`a ${type} that matches the condition`);
  return match;
}
