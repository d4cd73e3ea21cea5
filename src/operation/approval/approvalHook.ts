import type { Task } from '@medplum/fhirtypes';
import { contentText } from '../../datatypes/content.ts';
import { without } from '../../datatypes/json.ts';
import type { WriteHook } from '../../interaction/context.ts';
import { conflict, fhirError } from '../../outcome/fhirError.ts';
import { isApproval } from './approvalTask.ts';

/** How a client may end a Task that waits for a second person: as a decision that the step is not to be done. */
const refusals: readonly (string | undefined)[] = ['rejected', 'cancelled'];

/**
 * A step that waits for a second person is proposed and completed by operations: its Task is not written by hand, so
 * that nobody changes the amount or who proposed it. It may be rejected, with a reason and notes.
 */
export const approvalHook: WriteHook = {
  types: ['Task'],
  async run(_context, _tx, { before, after, by }) {
    if (by === 'operation') return undefined;
    const former = await before();
    const was = former?.resourceType === 'Task' && isApproval(former) ? former : undefined;
    const becomes = after?.resourceType === 'Task' && isApproval(after) ? after : undefined;
    if (!was && !becomes) return undefined;
    if (!was)
      throw fhirError(
        403,
        'forbidden',
        'approval-by-operation',
        'A step waits for a second person when its operation says so, not by a Task that is written',
      );
    if (becomes && content(was) === content(becomes) && mayBecome(was, becomes)) return undefined;
    throw conflict(
      'approval-by-operation',
      `Task/${was.id} waits for a second person: Task/[id]/$approve completes it, status rejected ends it`,
      'Task',
    );
  },
};

const mayBecome = (was: Task, becomes: Task): boolean =>
  was.status === becomes.status || (was.status === 'requested' && refusals.includes(becomes.status));

/** All of it but what a person may say of it. */
const content = (task: Task): string =>
  contentText(without(task, 'meta', 'status', 'statusReason', 'note', 'lastModified', 'text'));
