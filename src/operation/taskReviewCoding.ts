import type { Parameters, Task } from '@medplum/fhirtypes';
import { changed } from '../datatypes/json.ts';
import { referenceText } from '../datatypes/reference.ts';
import { readResource, updateResource } from '../interaction/repository.ts';
import { conflict, fhirError, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, missing, unknownCode } from '../outcome/issue.ts';
import { isProposer } from './approval/secondPerson.ts';
import { isReview } from './coding/review.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;

/** POST [base]/Task/[id]/$review-coding: another person than who coded agrees, or sends it back. */
export const taskReviewCoding: Operation = {
  definition: operationDefinition('Task-review-coding'),
  permission: 'capture',
  async run(call): Promise<Parameters> {
    const { context, tx, input } = call;
    const task = await readResource<Task & { id: string }>(tx, 'Task', call.target.id ?? '');
    const name = referenceText(task);
    if (!isReview(task))
      throw unprocessable([businessFault('not-a-review', 'Task.code', `${name} is no review of coding`)]);
    const decision = parameter(input, 'decision')?.valueCode;
    if (decision !== 'agree' && decision !== 'return')
      throw unprocessable([
        unknownCode('decision-unknown', at('decision'), 'the decision is agree or return'),
      ]);
    const reason = parameter(input, 'reason')?.valueString?.trim() ?? '';
    if (decision === 'return' && reason === '')
      throw unprocessable([missing('reason-missing', at('reason'), 'say what is to be coded otherwise')]);
    const status = decision === 'agree' ? ('completed' as const) : ('on-hold' as const);
    if (task.status === status)
      return answer([['task', task]], [decided('already-there', 'Task', `${name} is ${status}`)]);
    if (task.status === 'completed') throw conflict('not-to-be-done', `${name} is completed`, 'Task.status');
    if (isProposer(call, task)) {
      const text = `${name} is decided by another person than who coded`;
      throw fhirError(403, 'forbidden', 'same-person', text);
    }
    const by = context.permits?.account ?? context.principal ?? '';
    const note = { time: context.now(), authorString: by, text: reason === '' ? decision : reason };
    const written = await updateResource<Task>(
      context,
      tx,
      changed(task, { status, lastModified: context.now(), note: [...(task.note ?? []), note] }),
    );
    const text = decision === 'agree' ? 'the claims of the visit may be sent' : 'it is to be coded again';
    return answer([['task', written]], [decided('reviewed', 'Task', text)]);
  },
};
