import type { Parameters, Reference, Task } from '@medplum/fhirtypes';
import { has } from '../datatypes/coding.ts';
import { changed, without } from '../datatypes/json.ts';
import { isOpen } from '../datatypes/openTask.ts';
import { referenceText } from '../datatypes/reference.ts';
import { isApproval } from './approval/approvalTask.ts';
import { readResource, updateResource } from '../interaction/repository.ts';
import { conflict, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, missing, wrongValue } from '../outcome/issue.ts';
import { contentText } from '../datatypes/content.ts';
import { extension, system } from '../terminology/system.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { answer, dayOf, parameter } from './parameters.ts';
import { assign } from './worklist/assign.ts';

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;

/** POST [base]/Task/[id]/$assign: who does a piece of work, when it is due, and until when nobody looks at it. */
export const taskAssign: Operation = {
  definition: operationDefinition('Task-assign'),
  permission: 'assign-work',
  async run(call): Promise<Parameters> {
    const { context, tx } = call;
    const task = await readResource<Task & { id: string }>(tx, 'Task', call.target.id ?? '');
    const asked = askedOf(call);
    if (isApproval(task) || has(task.code, system.task, 'submission')) {
      const text = 'what waits for a second person or for a payer is no work to assign';
      throw unprocessable([businessFault('not-assignable', 'Task.code', text)]);
    }
    if (!isOpen(task))
      throw conflict('not-to-be-done', `${referenceText(task)} is ${task.status}`, 'Task.status');
    const assigned = asked.assignee ? await assign(tx, task, asked.assignee) : task;
    const { due, snoozeUntil, note } = asked;
    const others = (assigned.extension ?? []).filter((e) => e.url !== extension.snoozedUntil);
    const isAsleep = snoozeUntil !== undefined && snoozeUntil > call.today;
    const slept = [...others, ...(isAsleep ? [{ url: extension.snoozedUntil, valueDate: snoozeUntil }] : [])];
    const kept = snoozeUntil === undefined || slept.length === 0 ? {} : { extension: slept };
    const bare = snoozeUntil === undefined ? assigned : without(assigned, 'extension');
    const noted = note !== undefined && task.note?.at(-1)?.text !== note;
    const period = due === undefined ? undefined : changed(task.restriction?.period ?? {}, { end: due });
    const now = changed(bare, {
      ...kept,
      ...(period ? { restriction: changed(task.restriction ?? {}, { period }) } : {}),
      ...(noted ? { note: [...(task.note ?? []), { time: context.now(), text: note }] } : {}),
    });
    if (contentText(now) === contentText(task))
      return answer([['task', task]], [decided('already-there', 'Task', 'the Task says so already')]);
    const written = await updateResource<Task>(context, tx, changed(now, { id: task.id }));
    return answer([['task', written]], [decided('assigned', 'Task', `${referenceText(task)} is changed`)]);
  },
};

interface Asked {
  readonly assignee: Reference | undefined;
  readonly due: string | undefined;
  readonly snoozeUntil: string | undefined;
  readonly note: string | undefined;
}

/** Reads what is asked; 422 where nothing is, or a day to be done by is gone. */
function askedOf({ input, today }: Call): Asked {
  const asked = {
    assignee: parameter(input, 'assignee')?.valueReference,
    due: dayOf(input, 'due'),
    snoozeUntil: dayOf(input, 'snoozeUntil'),
    note: parameter(input, 'note')?.valueString,
  };
  if (Object.values(asked).every((one) => one === undefined)) {
    const text = 'say who does it, when it is due, until when it sleeps, or a note';
    throw unprocessable([missing('nothing-asked', 'Parameters.parameter', text)]);
  }
  if (asked.due !== undefined && asked.due < today)
    throw unprocessable([wrongValue('due-in-past', at('due'), `due ${asked.due} is before today, ${today}`)]);
  return asked;
}
