import { createHash } from 'node:crypto';
import type { Organization, Parameters, Reference, Task } from '@medplum/fhirtypes';
import { toText, type Cents } from '../../datatypes/cents.ts';
import { dateOf } from '../../datatypes/date.ts';
import { toJson } from '../../datatypes/json.ts';
import { parseReference } from '../../datatypes/reference.ts';
import type { Permission } from '../../access/permission.ts';
import { createResource } from '../../interaction/repository.ts';
import { decided } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { answer } from '../parameters.ts';
import { holderOf, releaseKey, reserveKey, taskKey } from '../uniqueKey.ts';
import { approvalCode, inputsOf, type Approvable } from './approvalTask.ts';

/** A step that one person may not do alone above their limit. */
export interface Step {
  readonly operation: Approvable;
  readonly permission?: Permission; // whose limit holds, where it is not called as the operation is
  /** What counts against the limit: the amount, with what was given up or back in the same way before. */
  readonly atStake: Cents;
  readonly amount: Cents;
  readonly isAlways?: true; // it takes two people whatever the amount
  readonly text?: string; // what waits, where no amount says it
  readonly patient?: string; // Patient/1; none: it is about no one patient
  readonly focus?: string; // what it is about, where that is not what the operation is called on
  readonly input?: Parameters; // what a second person confirms, where that is not all that was asked
  readonly practice: Reference<Organization> | undefined; // whose people see the Task
}

/**
 * Above the limit of its caller a step is not done: it becomes a Task that a second person completes ($approve), and
 * this is the answer. Undefined where the step may be done. A repeat finds the Task of the first.
 */
export async function secondPerson(call: Call, step: Step): Promise<Parameters | undefined> {
  const { context, tx, target, isApproved = false } = call;
  const { operation, atStake, amount, patient, practice, input = call.input, isAlways = false } = step;
  const limit = context.permits?.limit(step.permission ?? operation);
  const isWithin = !isAlways && (limit === undefined || atStake <= limit);
  if (isApproved || isWithin) return undefined;
  const focus = step.focus ?? `${target.type ?? ''}/${target.id ?? ''}`;
  const inputs = inputsOf(operation, input);
  const detail = createHash('sha256').update(toJson(inputs)).digest('hex');
  const key = taskKey('approval', focus, detail);
  const known = await holderOf(tx, key);
  // One that waits is the same whatever the day; one that was decided is repeated on that day only.
  const isRepeat = known?.status === 'requested' || dateOf(known?.authoredOn ?? '') === dateOf(context.now());
  if (known && isRepeat) {
    const text = `Task/${known.id} was proposed before and is ${known.status}; nothing was posted`;
    return answer([['task', known]], [decided('already-there', 'Task', text)]);
  }
  const task = await createResource<Task>(context, tx, {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    code: approvalCode,
    description: `${step.text ?? `$${operation} of ${toText(amount)} on ${focus}`} waits for a second person`,
    focus: { reference: focus },
    ...(patient === undefined ? {} : { for: { reference: patient } }),
    ...(practice ? { owner: practice } : {}),
    ...requester(call),
    authoredOn: context.now(),
    input: inputs,
  });
  if (known) await releaseKey(tx, key);
  await reserveKey(tx, key, `Task/${task.id}`);
  const why = isAlways ? 'it takes two people' : `${toText(amount)} is above what one person may do`;
  const text = `${why}: Task/${task.id} waits for a second one, nothing was posted`;
  return answer([['task', task]], [decided('second-person-needed', 'Task', text)]);
}

/** Who proposes, as a Task has it; nobody where nobody signs in. */
export const requester = (call: Call): Pick<Task, 'requester'> =>
  call.context.permits ? { requester: proposer(call) } : {};

/** Who proposes: the name of their account, and who they are in FHIR where a Task may name that. */
function proposer({ context }: Call): NonNullable<Task['requester']> {
  const { permits } = context;
  const user = parseReference(permits?.user);
  const isNamed = user && ['Practitioner', 'PractitionerRole', 'RelatedPerson'].includes(user.type);
  return {
    identifier: { system: system.accountName, value: permits?.account ?? '' },
    ...(isNamed ? { reference: `${user.type}/${user.id}` } : {}),
  };
}

/** Whether the caller is who proposed a Task: by the name of the account, or as the same person of another one. */
export function isProposer({ context }: Pick<Call, 'context'>, { requester }: Task): boolean {
  const { permits } = context;
  const isNamed = permits !== undefined && requester?.identifier?.value === permits.account;
  return isNamed || (requester?.reference !== undefined && requester.reference === permits?.user);
}
