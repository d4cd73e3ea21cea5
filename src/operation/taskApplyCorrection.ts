import type { Parameters, Task } from '@medplum/fhirtypes';
import { changed } from '../datatypes/json.ts';
import { referenceText } from '../datatypes/reference.ts';
import { readResource, updateResource } from '../interaction/repository.ts';
import { conflict, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided } from '../outcome/issue.ts';
import { applyCorrection, isCorrection } from './eligibility/applyCorrection.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer } from './parameters.ts';

/** POST [base]/Task/[id]/$apply-correction: takes over what a payer says otherwise of a Coverage, as the Task proposes. */
export const taskApplyCorrection: Operation = {
  definition: operationDefinition('Task-apply-correction'),
  permission: 'correct-coverage',
  async run(call): Promise<Parameters> {
    const { context, tx } = call;
    const task = await readResource<Task & { id: string }>(tx, 'Task', call.target.id ?? '');
    const name = `Task/${task.id}`;
    if (!isCorrection(task))
      throw unprocessable([businessFault('not-a-correction', 'Task', `${name} proposes no correction`)]);
    if (task.status === 'completed')
      return answer(
        [['task', task]],
        [decided('already-there', 'Task', `${name} is completed; nothing was changed again`)],
      );
    if (task.status !== 'requested')
      throw conflict('not-to-be-done', `${name} is ${task.status}`, 'Task.status');
    const coverages = await applyCorrection(call, task);
    const note = {
      authorString: context.permits?.account ?? context.principal ?? '',
      time: context.now(),
      text: 'applied',
    };
    const completed = await updateResource(
      context,
      tx,
      changed(task, {
        status: 'completed' as const,
        lastModified: context.now(),
        ...(note.authorString === '' ? {} : { note: [...(task.note ?? []), note] }),
      }),
    );
    return answer(
      [['task', completed], ...coverages.map((one) => ['coverage', one] as const)],
      [decided('applied', 'Task', `${coverages.map(referenceText).join(', ')} is as ${name} proposed`)],
    );
  },
};
