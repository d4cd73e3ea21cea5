import type { Claim, Task } from '@medplum/fhirtypes';
import { has } from '../../datatypes/coding.ts';
import { isOpen } from '../../datatypes/openTask.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { find } from '../../interaction/repository.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { askedAfterKey, holderOf, isTaken, reserveKey, taskKey } from '../uniqueKey.ts';
import { closeTask, raiseTask } from './task.ts';

/** Asks a person after a claim that its payer has not answered; `detail` tells one such question from another. */
export async function raiseNoAnswer(
  call: Pick<Call, 'context' | 'tx' | 'on'>,
  claim: Claim,
  { text, detail }: { readonly text: string; readonly detail: string },
): Promise<void> {
  const focus = referenceText(claim);
  await raiseTask(call, {
    ...{ code: 'no-answer', focus, detail, text },
    patient: unversionedText(claim.patient.reference),
    encounter: claim.item?.find((item) => item.encounter)?.encounter?.[0]?.reference,
  });
  if (await isTaken(call.tx, askedAfterKey(focus))) return;
  const task = await holderOf(call.tx, taskKey('no-answer', focus, detail));
  if (task) await reserveKey(call.tx, askedAfterKey(focus), referenceText(task));
}

/** The payer has answered a claim (Claim/1): nobody asks after it any more. */
export async function closeNoAnswer(call: Pick<Call, 'context' | 'tx'>, claim: string): Promise<void> {
  const { tx } = call;
  const isAsked =
    (await isTaken(tx, askedAfterKey(claim))) || (await isTaken(tx, taskKey('no-answer', claim)));
  if (!isAsked) return;
  for (const task of await find<Task>(tx, 'Task', { focus: claim, code: `${system.task}|no-answer` }))
    if (has(task.code, system.task, 'no-answer') && isOpen(task)) await closeTask(call, task);
}
