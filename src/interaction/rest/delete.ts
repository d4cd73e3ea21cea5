import type { ResourceType } from '@medplum/fhirtypes';
import { conflict, fhirError, severalMatches } from '../../outcome/fhirError.ts';
import { details, toOutcome } from '../../outcome/issue.ts';
import { seesAll } from '../../store/access/asServer.ts';
import type { Transaction } from '../../store/store.ts';
import type { Answer } from './answer.ts';
import { conditionKey, conditionQuery, matchesOf } from './condition.ts';
import type { Context } from '../context.ts';
import { deleteResource } from '../repository.ts';
import { onlyParameters } from './onlyParameters.ts';
import { isConditional, versionToFollow } from './precondition.ts';
import type { FhirRequest } from './request.ts';

const namedMax = 20;
/** How many resources one conditional delete takes away at most. */
export const deletedMax = 1000;

/**
 * DELETE [base]/[type]/[id]: 204, also when there was nothing to delete; 409 while others refer to it.
 * DELETE [base]/[type]?criteria: the same of all matches, all or none.
 * See https://hl7.org/fhir/R4/http.html#delete
 */
export async function remove(context: Context, tx: Transaction, request: FhirRequest): Promise<Answer> {
  const targets = await targetsOf(context, tx, request);
  const answer = await deleteTargets(context, tx, request, targets);
  await refuseReferred(tx, targets);
  return answer;
}

/** What a delete names: one resource, or the matches of its criteria; 412 when they are too many. */
export async function targetsOf(
  context: Context,
  tx: Transaction,
  request: FhirRequest,
): Promise<readonly Named[]> {
  const { type = 'Basic', id } = request.target;
  if (id !== undefined) {
    onlyParameters(request, 'a delete');
    return [{ type, id }];
  }
  const query = await conditionQuery(context, tx, type, request.query);
  await tx.lock(conditionKey(type, request.query));
  const { ids, more } = await matchesOf(tx, query, deletedMax);
  if (more) {
    const text = `more than ${deletedMax} ${type} match the condition: narrow it, or delete in steps`;
    throw fhirError(412, 'too-costly', 'too-costly', text);
  }
  if (ids.length > 1 && isConditional(request)) {
    throw severalMatches(`several ${type} match the condition, and If-Match names a version of one`);
  }
  return ids.map((match) => ({ type, id: match }));
}

interface Named {
  readonly type: ResourceType;
  readonly id: string;
}

/** Deletes the targets that exist, without checking who refers to them. */
export async function deleteTargets(
  context: Context,
  tx: Transaction,
  request: FhirRequest,
  targets: readonly Named[],
): Promise<Answer> {
  const versions = [];
  for (const { type, id } of targets) {
    const known = isConditional(request) ? await tx.read(type, id) : undefined;
    const ifMatch = versionToFollow(request, known, { type, id });
    const version = await deleteResource(context, tx, { type, id }, { by: 'client', ifMatch });
    if (version) versions.push(version);
  }
  const [version] = versions;
  const ofOne = versions.length === 1 && version ? { version } : {};
  if (request.prefer !== 'OperationOutcome') return { status: 204, ...ofOne };
  const text = `${versions.length} deleted`;
  const said = { severity: 'information', code: 'informational', details: details('deleted', text) } as const;
  return { status: 200, ...ofOne, isOutcome: true, body: JSON.stringify(toOutcome([said])) };
}

/** 409 when others refer to one that was deleted. Targets that the caller does not see count as absent. */
export async function refuseReferred(tx: Transaction, targets: readonly Named[]): Promise<void> {
  for (const { type, id } of targets)
    if (seesAll(tx) || (await tx.read(type, id))) await refuseWhileReferred(tx, type, id);
}

/** 409 that names at most twenty of those that refer to a resource, none that is hidden, and the number of all. */
async function refuseWhileReferred(tx: Transaction, type: ResourceType, id: string): Promise<void> {
  const { references, total } = await tx.referrers(type, id, namedMax);
  if (total === 0) return;
  const named = references.length === 0 ? '' : `: ${references.join(', ')}`;
  const more = named !== '' && total > references.length ? ' and others' : '';
  const text = `${type}/${id} is referred to by ${total}${named}${more}`;
  throw conflict('still-referred', text);
}
