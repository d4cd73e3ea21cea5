import type { Transaction } from '../store/store.ts';
import { severalMatches } from '../outcome/fhirError.ts';
import type { Answer } from './answer.ts';
import { matchesOf } from './condition.ts';
import type { Context } from './context.ts';
import { incoming, written } from './incoming.ts';
import type { FhirRequest } from './request.ts';
import { readStored, writeResource } from './resource.ts';

/**
 * POST [base]/[type]: a new resource, unless one matches If-None-Exist. The id is ours, whatever it brings.
 * See https://hl7.org/fhir/R4/http.html#create
 */
export async function create(context: Context, tx: Transaction, request: FhirRequest): Promise<Answer> {
  const { type = 'Basic' } = request.place;
  const resource = incoming(type, request.resource);
  if (request.ifNoneExist !== undefined) {
    const [match, second] = await matchesOf(tx, type, request.ifNoneExist);
    if (second !== undefined) throw severalMatches(`several ${type} match If-None-Exist`);
    if (match !== undefined) return written(context, request, await readStored(tx, type, match), false);
  }
  const id = context.newId();
  const version = await writeResource(context, tx, Object.assign(resource, { id }), { method: 'POST' });
  return written(context, request, version, true);
}
