import type { Task } from '@medplum/fhirtypes';
import { concept } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import { createResource, updateResource } from '../../interaction/repository.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { holderOf, reserveKey, taskKey } from '../uniqueKey.ts';
import { practiceOf } from './practiceOf.ts';

/** A piece of work for people in the office. */
export interface Work {
  readonly code:
    | 'answer-review'
    | 'appeal-ending'
    | 'automation-stopped'
    | 'authorization-cure'
    | 'authorization-ending'
    | 'authorization-pended'
    | 'authorization-review'
    | 'authorization-short'
    | 'bank-difference'
    | 'charge-review'
    | 'correction-awaited'
    | 'paid-again'
    | 'provider-adjustment'
    | 'remittance-claim'
    | 'remittance-differs'
    | 'remittance-payment'
    | 'pre-collection'
    | 'reversal-review'
    | 'scrub-rule'
    | 'statement-review'
    | 'coding'
    | 'confidential-bill'
    | 'coverage-change'
    | 'deposit-refund'
    | 'eligibility-review'
    | 'eligibility-unanswered'
    | 'enrollment'
    | 'estimate-exceeded'
    | 'estimate-missing'
    | 'enrolment-freed'
    | 'find-coverage'
    | 'guarantor'
    | 'interest-due'
    | 'late-payment'
    | 'missing-charge'
    | 'nightly-failed'
    | 'no-answer'
    | 'inbound'
    | 'no-acknowledgement'
    | 'no-status'
    | 'submission-failed'
    | 'submission-refused'
    | 'submission-unknown'
    | 'overpayment'
    | 'timely-filing'
    | 'transmission'
    | 'underpayment';
  readonly focus: string; // 'Procedure/1'
  readonly detail: string; // with code and focus, what makes it one piece of work
  readonly text: string; // ids and codes only
  readonly patient?: string | undefined; // none: it is about no patient
  readonly encounter?: string | undefined;
  readonly due?: string | undefined; // FHIR date by which it is to be done
  /** The practice whose work it is, where it is known; else it is read from what the work is about. */
  readonly practice?: string | undefined;
}

/** Puts work on the list; what is there stays as it is, what was completed and is needed again is opened again. */
export async function raiseTask(call: Pick<Call, 'context' | 'tx' | 'on'>, work: Work): Promise<void> {
  const { context, tx, on } = call;
  const key = taskKey(work.code, work.focus, work.detail);
  const task = await holderOf(tx, key);
  if (task) {
    if (task.status !== 'completed') return;
    const owner = task.owner ?? (await ownerOf(tx, work)); // one from before has none
    const again = { status: 'requested' as const, description: work.text, ...(owner ? { owner } : {}) };
    await updateResource(context, tx, changed(task, { ...again, ...dueBy(work, task) }));
    return;
  }
  const owner = await ownerOf(tx, work);
  const { id } = await createResource<Task>(context, tx, {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    code: concept(system.task, work.code),
    description: work.text,
    focus: { reference: work.focus },
    ...(work.patient === undefined ? {} : { for: { reference: work.patient } }),
    ...(work.encounter === undefined ? {} : { encounter: { reference: work.encounter } }),
    ...(owner ? { owner } : {}),
    authoredOn: on,
    ...(work.detail === '' ? {} : { reasonCode: { text: work.detail } }),
    ...dueBy(work),
  });
  await reserveKey(tx, key, `Task/${id}`);
}

/** Until when work is to be done: what is opened again has as long as if it were new. */
const dueBy = ({ due }: Work, task?: Task): Pick<Task, 'restriction'> =>
  due === undefined ? {} : { restriction: changed(task?.restriction ?? {}, { period: { end: due } }) };

const ownerOf = async (tx: Call['tx'], work: Work): Promise<Task['owner']> =>
  work.practice === undefined ? practiceOf(tx, work) : { reference: work.practice };

/** Closes work that is no longer needed: its code is mapped or priced now. */
export async function closeTask(call: Pick<Call, 'context' | 'tx'>, task: Task): Promise<void> {
  await updateResource(
    call.context,
    call.tx,
    changed(task, { id: task.id ?? '', status: 'completed' } as const),
  );
}
