import type { Transaction } from '../store/store.ts';
import type { Answer } from './answer.ts';
import type { Context } from './context.ts';
import { ifMatchVersion, incomingAt, written } from './incoming.ts';
import type { FhirRequest } from './request.ts';
import { writeResource } from './resource.ts';

/**
 * PUT [base]/[type]/[id]: the next version, or the first where there is none.
 * See https://hl7.org/fhir/R4/http.html#update
 */
export async function update(context: Context, tx: Transaction, request: FhirRequest): Promise<Answer> {
  const { type = 'Basic', id = '' } = request.place;
  const resource = incomingAt(type, id, request.resource);
  const ifMatch = ifMatchVersion(request);
  const known = await tx.read(type, id);
  const version = await writeResource(context, tx, resource, {
    method: 'PUT',
    ...(ifMatch === undefined ? {} : { ifMatch }),
  });
  return written(context, request, version, !known || known.deleted);
}
