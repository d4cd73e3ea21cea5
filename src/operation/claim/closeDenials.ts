import type { Task } from '@medplum/fhirtypes';
import { has } from '../../datatypes/coding.ts';
import { find } from '../../interaction/repository.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { closeTask } from '../worklist/task.ts';

/** What an answer may have left to do on its claim. */
const ofAnswer = ['denial', 'find-coverage', 'patient-balance'] as const;

/** The work that an answer had made is done, or has no ground any more. */
export async function closeDenials(call: Pick<Call, 'context' | 'tx'>, claim: string): Promise<void> {
  for (const task of await find<Task>(call.tx, 'Task', { focus: claim, status: 'requested' }))
    if (ofAnswer.some((code) => has(task.code, system.task, code))) await closeTask(call, task);
}
