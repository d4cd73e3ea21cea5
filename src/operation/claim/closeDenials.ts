import type { Task } from '@medplum/fhirtypes';
import type { DenialOutcome } from '../../billing/denial/denied.ts';
import { concept, has } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import { isOpen } from '../../datatypes/openTask.ts';
import { find, updateResource } from '../../interaction/repository.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';

/** What an answer may have left to do on its claim. */
const ofAnswer = ['denial', 'find-coverage', 'patient-balance'] as const;

/** The work that an answer had made is done, or has no ground any more; `outcome`: what came of what was denied. */
export async function closeDenials(
  call: Pick<Call, 'context' | 'tx'>,
  claim: string,
  outcome?: DenialOutcome,
): Promise<void> {
  for (const task of await find<Task>(call.tx, 'Task', { focus: claim })) {
    if (!isOpen(task) || !ofAnswer.some((code) => has(task.code, system.task, code))) continue;
    const isDenial = has(task.code, system.task, 'denial');
    await endDenial(call, task, isDenial ? outcome : undefined);
  }
}

/** A denial is over; what came of it is what the odds of the next ones are counted from. */
export async function endDenial(
  { context, tx }: Pick<Call, 'context' | 'tx'>,
  task: Task,
  outcome: DenialOutcome | undefined,
): Promise<void> {
  const came = outcome === undefined ? {} : { businessStatus: concept(system.denialOutcome, outcome) };
  await updateResource(
    context,
    tx,
    changed(task, { ...came, id: task.id ?? '', status: 'completed' as const }),
  );
}
