import type { Organization, Task } from '@medplum/fhirtypes';
import { has } from '../../datatypes/coding.ts';
import { addDays, dateOf } from '../../datatypes/date.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { resolve, updateResource } from '../../interaction/repository.ts';
import { extension, system } from '../../terminology/system.ts';
import { isApproval } from '../approval/approvalTask.ts';
import { snoozedUntil } from '../denial/readDenials.ts';
import type { Call } from '../operation.ts';
import { assign } from '../worklist/assign.ts';
import { practiceOf } from '../worklist/practiceOf.ts';
import { raiseTask } from '../worklist/task.ts';
import { settingsOf } from './settings.ts';

/** Tasks that are records of the server, and no work of people. */
const records = ['submission', 'payment-expected'] as const;

/**
 * Gives work that was not done in time to whom the practice names for it, once for each day that it was due. The practice
 * stays its requester, so that its people go on to see it.
 */
export async function escalate(call: Call, task: Task & { id: string }): Promise<void> {
  const { context, tx, on } = call;
  const end = task.restriction?.period?.end;
  if (end === undefined || isApproval(task) || records.some((code) => has(task.code, system.task, code)))
    return;
  const due = dateOf(end);
  if (due >= on || (snoozedUntil(task) ?? '') > on) return;
  const before = extensionOf(task, extension.escalated)?.valueDate;
  if (before !== undefined && before >= due) return;
  const practice = await practiceNamed(call, task);
  const { escalateTo: to, escalateDays } = settingsOf(practice);
  if (to === undefined || addDays(due, escalateDays) > on) return;
  const target = parseReference(to);
  if (!target || !(await tx.read(target.type, target.id))) {
    await raiseTask(call, {
      ...{ code: 'nightly-failed', focus: `Organization/${practice?.id ?? ''}`, detail: 'escalate-to' },
      text: 'work is to be escalated to somebody who is not here: change escalate-to of follow-up-settings',
      practice: `Organization/${practice?.id ?? ''}`,
    });
    return;
  }
  const given = task.owner?.reference === to ? task : await assign(tx, task, { reference: to });
  const others = (given.extension ?? []).filter(({ url }) => url !== extension.escalated);
  const text = `not done by ${due}: escalated to ${to}`;
  await updateResource<Task>(
    context,
    tx,
    changed(given, {
      id: task.id,
      priority: 'urgent' as const,
      extension: [...others, { url: extension.escalated, valueDate: on }],
      note: [...(task.note ?? []), { time: context.now(), text }],
    }),
  );
}

async function practiceNamed({ tx }: Call, task: Task): Promise<Organization | undefined> {
  for (const one of [task.requester, task.owner]) {
    const named = await resolve<Organization>(tx, 'Organization', one);
    if (named && extensionOf(named, extension.followUpSettings)) return named;
  }
  const found = await practiceOf(tx, {
    focus: task.focus?.reference ?? '',
    encounter: task.encounter?.reference,
  });
  return resolve<Organization>(tx, 'Organization', found);
}
