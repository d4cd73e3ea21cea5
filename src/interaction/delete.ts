import type { ResourceType } from '@medplum/fhirtypes';
import { conflict } from '../outcome/fhirError.ts';
import type { Transaction } from '../store/store.ts';
import type { Answer } from './answer.ts';
import type { Context } from './context.ts';
import { ifMatchVersion } from './incoming.ts';
import type { FhirRequest } from './request.ts';

const namedMax = 20;

/**
 * DELETE [base]/[type]/[id]: 204, also when there was nothing to delete; 409 while others refer to it.
 * See https://hl7.org/fhir/R4/http.html#delete
 */
export async function remove(_: Context, tx: Transaction, request: FhirRequest): Promise<Answer> {
  const { type = 'Basic', id = '' } = request.place;
  const ifMatch = ifMatchVersion(request);
  const version = await tx.delete(type, id, ifMatch === undefined ? {} : { ifMatch });
  if (version) await refuseWhileReferred(tx, type, id);
  return { status: 204, ...(version ? { version } : {}) };
}

/** 409 that names at most twenty of those that refer to a resource, and their number. */
export async function refuseWhileReferred(tx: Transaction, type: ResourceType, id: string): Promise<void> {
  const { references, total } = await tx.referrers(type, id, namedMax);
  if (total === 0) return;
  const more = total > references.length ? ' and others' : '';
  const text = `${type}/${id} is referred to by ${total}: ${references.join(', ')}${more}`;
  throw conflict('still-referred', text);
}
