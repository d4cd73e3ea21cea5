import type { Parameters, Task } from '@medplum/fhirtypes';
import { addBusinessDays } from '../datatypes/businessDay.ts';
import { addDays } from '../datatypes/date.ts';
import { codeOf, concept } from '../datatypes/coding.ts';
import { changed } from '../datatypes/json.ts';
import { isOpen } from '../datatypes/openTask.ts';
import { referenceText } from '../datatypes/reference.ts';
import { readResource, updateResource } from '../interaction/repository.ts';
import { conflict, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, unknownCode, warning } from '../outcome/issue.ts';
import { system } from '../terminology/system.ts';
import { appealFacts, inputOf, withInput } from './appeal/appealTask.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;
/** How a packet is sent: by people. */
const methods = ['mail', 'fax', 'portal', 'courier'];

/** POST [base]/Task/[id]/$file-appeal: the packet was sent; from now on the clock of who decides runs. */
export const taskFileAppeal: Operation = {
  definition: operationDefinition('Task-file-appeal'),
  permission: 'submit-claim',
  async run(call): Promise<Parameters> {
    const { context, tx, input, on } = call;
    const task = await readResource<Task & { id: string }>(tx, 'Task', call.target.id ?? '');
    const name = referenceText(task);
    if (!appealFacts(task))
      throw unprocessable([businessFault('not-an-appeal', 'Task.code', `${name} is no appeal`)]);
    const method = parameter(input, 'method')?.valueCode ?? '';
    if (!methods.includes(method))
      throw unprocessable([
        unknownCode('appeal-method', at('method'), `the method is one of ${methods.join(', ')}`),
      ]);
    const state = codeOf(task.businessStatus, system.appealState);
    if (state === 'filed')
      return answer([['task', task]], [decided('already-there', 'Task', `${name} was filed before`)]);
    if (state !== 'prepared' || !isOpen(task))
      throw conflict('not-to-be-done', `${name} is ${task.status}`, 'Task.status');
    const from = inputOf(task, 'received')?.valueDate;
    if (from !== undefined && on < from) {
      const text = `what goes before it ends on ${from}: it cannot be filed earlier`;
      throw unprocessable([businessFault('appeal-too-early', 'Task', text)]);
    }
    const last = task.restriction?.period?.end?.slice(0, 10);
    const goodCause = parameter(input, 'goodCause')?.valueString;
    const isLate = last !== undefined && on > last && inputOf(task, 'good-cause') === undefined;
    if (isLate && goodCause === undefined)
      throw unprocessable([
        businessFault(
          'appeal-too-late',
          at('goodCause'),
          `the last day to file was ${last}: state a good cause`,
        ),
      ]);
    const days = inputOf(task, 'decision-days')?.valuePositiveInt;
    const isBusiness = appealFacts(task)?.route === 'no-surprises';
    const due = days === undefined ? undefined : (isBusiness ? addBusinessDays : addDays)(on, days);
    const tracking = parameter(input, 'tracking')?.valueString;
    const text = `filed by ${method}${tracking === undefined ? '' : ` under ${tracking}`}${goodCause === undefined ? '' : `; good cause: ${goodCause}`}`;
    const { period } = task.restriction ?? {};
    const written = await updateResource<Task>(
      context,
      tx,
      changed(task, {
        status: 'in-progress' as const,
        businessStatus: concept(system.appealState, 'filed'),
        lastModified: on,
        input: withInput(task, 'filed', { valueDate: on }),
        note: [...(task.note ?? []), { time: context.now(), text }],
        ...(due === undefined ? {} : { restriction: { period: changed(period ?? {}, { end: due }) } }),
      }),
    );
    const until =
      due === undefined ? 'it has no day by which it is decided' : `it is to be decided by ${due}`;
    return answer(
      [['task', written]],
      [
        ...(isLate ? [warning('appeal-late', at('goodCause'), `the last day to file was ${last}`)] : []),
        decided('appeal-filed', 'Task', `${name} is filed: ${until}`),
      ],
    );
  },
};
