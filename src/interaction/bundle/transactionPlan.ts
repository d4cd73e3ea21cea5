import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { FhirError, unprocessable } from '../../outcome/fhirError.ts';
import { missing } from '../../outcome/issue.ts';
import type { Transaction } from '../../store/store.ts';
import { conditionKey, theMatch } from '../rest/condition.ts';
import type { Context } from '../context.ts';
import { within, type Step } from './entry.ts';
import { incoming, incomingAt } from '../rest/incoming.ts';
import { onlyParameters } from '../rest/onlyParameters.ts';
import { patchedId } from '../patch/patch.ts';
import { freshId, withId } from './retryUndo.ts';
import { idForNone, refuseOtherId } from '../rest/update.ts';

/** A create or update of a transaction whose resource is known, and under which id it will stand. */
export interface Write extends Step {
  readonly type: ResourceType;
  readonly id: string;
  readonly resource: Resource & { id: string };
  readonly exists: boolean; // ifNoneExist matched: nothing is written
  readonly fresh: boolean; // the id was just made
}

/** A patch of a transaction and the resource it is about. */
export interface PatchStep extends Step {
  readonly type: ResourceType;
  readonly id: string;
}

export interface Plan {
  readonly writes: readonly Write[];
  readonly patches: readonly PatchStep[];
}

/** Which id every create, update and patch is about, before anything is written: references need it. */
export async function planWrites(context: Context, tx: Transaction, steps: readonly Step[]): Promise<Plan> {
  const writes: Write[] = [];
  const conditions = new Map<string, string>();
  for (const step of [...steps.filter(is('create')), ...steps.filter(is('update'))]) {
    writes.push(await within(step.index, () => writeOf(context, tx, step, conditions)));
  }
  const patches: PatchStep[] = [];
  for (const step of steps.filter(is('patch'))) {
    const { type = 'Basic' } = step.request.target;
    const id = await within(step.index, () => patchedId(context, tx, step.request));
    patches.push({ ...step, type, id });
  }
  return { writes, patches };
}

const is = (interaction: Step['interaction']) => (step: Step) => step.interaction === interaction;

async function writeOf(
  context: Context,
  tx: Transaction,
  step: Step,
  conditions: Map<string, string>,
): Promise<Write> {
  const { target, resource } = step.request;
  const { type = 'Basic', id } = target;
  if (resource === undefined) {
    throw unprocessable([missing('missing-element', type, 'the entry needs a resource')]);
  }
  if (id === undefined) return writeOfType(context, tx, { step, type, conditions });
  onlyParameters(step.request, 'an update');
  return { ...step, type, id, resource: incomingAt(type, id, resource), exists: false, fresh: false };
}

interface Planning {
  readonly step: Step;
  readonly type: ResourceType;
  readonly conditions: Map<string, string>;
}

/** A create, or a conditional update; two entries under one condition mean one resource. */
async function writeOfType(
  context: Context,
  tx: Transaction,
  { step, type, conditions }: Planning,
): Promise<Write> {
  const isUpdate = step.interaction === 'update';
  const { query, ifNoneExist } = step.request;
  if (!isUpdate) onlyParameters(step.request, 'a create');
  const resource = incoming(type, step.request.resource);
  const condition = isUpdate ? query : ifNoneExist;
  if (condition === undefined) {
    const id = freshId(resource, context.newId);
    return { ...step, type, id, resource: withId(resource, id), exists: false, fresh: true };
  }
  const match = await theMatch(context, tx, type, condition);
  const key = conditionKey(type, condition);
  const known = match ?? conditions.get(key);
  if (isUpdate && match !== undefined) refuseOtherId(resource, match);
  const id = known ?? (isUpdate ? await idForNone(context, tx, resource) : freshId(resource, context.newId));
  conditions.set(key, id);
  const exists = !isUpdate && known !== undefined;
  return { ...step, type, id, resource: withId(resource, id), exists, fresh: false };
}

/** What an entry writes or deletes, by its place in the Bundle. */
export interface Touched {
  readonly index: number;
  readonly type: ResourceType;
  readonly id: string;
}

/** No resource may be written twice. See https://hl7.org/fhir/R4/http.html#trules */
export function refuseOverlap({ writes, patches }: Plan, deleted: readonly Touched[]): void {
  const seen = new Set<string>();
  for (const { index, type, id } of [...writes.filter(({ exists }) => !exists), ...patches, ...deleted]) {
    const target = `${type}/${id}`;
    if (seen.has(target)) {
      const text = `${target} is written by two entries`;
      throw new FhirError(400, [
        { ...missing('overlapping-entries', `Bundle.entry[${index}].request`, text), code: 'invalid' },
      ]);
    }
    seen.add(target);
  }
}
