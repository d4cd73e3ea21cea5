import type { Parameters, Task } from '@medplum/fhirtypes';
import { changed } from '../datatypes/json.ts';
import { parseReference } from '../datatypes/reference.ts';
import { readResource, updateResource } from '../interaction/repository.ts';
import { hasPermission } from '../interaction/permits.ts';
import { conflict, fhirError, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided } from '../outcome/issue.ts';
import { accountRefund } from './accountRefund.ts';
import { accountPlace } from './accountPlace.ts';
import { accountRefundPayer } from './accountRefundPayer.ts';
import { proposalOf, type Approvable } from './approval/approvalTask.ts';
import { isProposer } from './approval/secondPerson.ts';
import { businessDate } from './call/businessDate.ts';
import { claimTransfer } from './claimTransfer.ts';
import { claimWriteOff } from './claimWriteOff.ts';
import { operationDefinition } from './definition.ts';
import { invoiceDiscount } from './invoiceDiscount.ts';
import { invoiceWriteOff } from './invoiceWriteOff.ts';
import type { Operation } from './operation.ts';
import { answer } from './parameters.ts';
import { organizationReopenPeriod } from './organizationReopenPeriod.ts';
import { patientMerge } from './patientMerge.ts';
import { patientUnmerge } from './patientUnmerge.ts';
import { systemLoadOpening } from './systemLoadOpening.ts';

const steps: Readonly<Record<Approvable, (type: string) => Operation>> = {
  'write-off': (type) => (type === 'Claim' ? claimWriteOff : invoiceWriteOff),
  discount: () => invoiceDiscount,
  place: () => accountPlace,
  refund: () => accountRefund,
  'refund-payer': () => accountRefundPayer,
  transfer: () => claimTransfer,
  'load-opening': () => systemLoadOpening,
  'reopen-period': () => organizationReopenPeriod,
  merge: () => patientMerge,
  unmerge: () => patientUnmerge,
};

/** POST [base]/Task/[id]/$approve: a second person does what the first proposed above their limit. */
export const taskApprove: Operation = {
  definition: operationDefinition('Task-approve'),
  permission: 'approve',
  async run(call): Promise<Parameters> {
    const { context, tx, today } = call;
    const task = await readResource<Task & { id: string }>(tx, 'Task', call.target.id ?? '');
    const name = `Task/${task.id}`;
    const proposal = proposalOf(task);
    const focus = parseReference(task.focus?.reference);
    if (!proposal || !focus) {
      const text = `${name} is no step that waits for a second person`;
      throw unprocessable([businessFault('not-an-approval', 'Task', text)]);
    }
    if (task.status === 'completed')
      return answer(
        [['task', task]],
        [decided('already-there', 'Task', `${name} is completed; nothing was posted again`)],
      );
    if (task.status !== 'requested')
      throw conflict('not-to-be-done', `${name} is ${task.status}`, 'Task.status');
    const step = steps[proposal.operation](focus.type);
    const isAllowed = step.permission === undefined || hasPermission(context, step.permission);
    if (!isAllowed)
      throw fhirError(
        403,
        'forbidden',
        'not-permitted',
        `$${proposal.operation} is not among what you may do here`,
      );
    if (isProposer(call, task))
      throw fhirError(
        403,
        'forbidden',
        'same-person',
        `${name} is completed by another person than who proposed it`,
      );
    const done = await step.run({
      ...call,
      target: { type: focus.type, id: focus.id },
      input: proposal.input,
      on: businessDate(today, proposal.input),
      isApproved: true,
    });
    if (!('resourceType' in done) || done.resourceType !== 'Parameters')
      throw new Error('a step that waits for a second person answers with Parameters');
    const by = context.permits?.account ?? context.principal;
    const completed = await updateResource(
      context,
      tx,
      changed(task, {
        status: 'completed' as const,
        lastModified: context.now(),
        note: [
          ...(task.note ?? []),
          {
            ...(by === undefined ? {} : { authorString: by }),
            time: context.now(),
            text: 'approved',
          },
        ],
      }),
    );
    return changed(done, { parameter: [{ name: 'task', resource: completed }, ...(done.parameter ?? [])] });
  },
};
