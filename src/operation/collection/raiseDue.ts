import { concept } from '../../datatypes/coding.ts';
import { referenceText, referenceTo } from '../../datatypes/reference.ts';
import { createResource } from '../../interaction/repository.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import type { PatientAccount } from '../payment/patientAccount.ts';
import { holderOf, reserveKey, taskKey } from '../uniqueKey.ts';

/** Puts work of collection on the list once, with the day it is due; one that a person finished stays so. */
export async function raiseDue(
  { context, tx, on }: Call,
  of: PatientAccount,
  work: {
    readonly code: 'missed-instalment' | 'overpayment' | 'escheat';
    readonly focus: string;
    readonly detail: string;
    readonly due: string;
    readonly text: string;
  },
): Promise<void> {
  const key = taskKey(work.code, work.focus, work.detail);
  if (await holderOf(tx, key)) return;
  const task = await createResource(context, tx, {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    code: concept(system.task, work.code),
    description: work.text,
    focus: { reference: work.focus },
    for: referenceTo(of.patient),
    owner: of.practice,
    authoredOn: on,
    restriction: { period: { end: work.due } },
    reasonCode: { text: work.detail },
  });
  await reserveKey(tx, key, referenceText(task));
}
