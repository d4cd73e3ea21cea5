import type { Transaction } from '../../store/store.ts';
import type { Answer } from './answer.ts';
import { theMatch } from './condition.ts';
import type { Context } from '../context.ts';
import { incoming, written } from './incoming.ts';
import { onlyParameters } from './onlyParameters.ts';
import type { FhirRequest } from './request.ts';
import { withId } from '../bundle/retryUndo.ts';
import { readStored, writeResource } from '../repository.ts';

/**
 * POST [base]/[type]: a new resource, unless one matches If-None-Exist. The id is ours, whatever it brings.
 * See https://hl7.org/fhir/R4/http.html#create
 */
export async function create(context: Context, tx: Transaction, request: FhirRequest): Promise<Answer> {
  const { type = 'Basic' } = request.target;
  onlyParameters(request, 'a create');
  const resource = incoming(type, request.resource);
  if (request.ifNoneExist !== undefined) {
    const match = await theMatch(context, tx, type, request.ifNoneExist);
    if (match !== undefined) return written(context, request, await readStored(tx, type, match), false);
  }
  const made = withId(resource, context.newId());
  const version = await writeResource(context, tx, made, {
    by: 'client',
    method: 'POST',
    fresh: true,
    isLinked: request.isLiteral === true,
  });
  return written(context, request, version, true);
}
