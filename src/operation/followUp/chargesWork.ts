import type { Appointment, Encounter, Task } from '@medplum/fhirtypes';
import { addDays } from '../../datatypes/date.ts';
import { isOpen, openStatuses } from '../../datatypes/openTask.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { resolve } from '../../interaction/repository.ts';
import type { Transaction } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';
import { inPages, referenceOf } from '../nightly/inPages.ts';
import type { NightlyWork } from '../nightly/nightly.ts';
import type { OperationContext } from '../operation.ts';
import { laterCall } from '../submission/laterCall.ts';
import { closeTask, raiseTask } from '../worklist/task.ts';
import { gapText } from './gapText.ts';
import {
  practiceOfBooked,
  practiceOfVisit,
  reconcileAppointment,
  reconcileVisit,
  type Reconciled,
} from './reconcile.ts';
import { settingsOfPractice } from './settings.ts';
import { oneBehindAnother } from './ways.ts';
import { kept } from './visitFacts.ts';

export const missingCode = 'missing-charge';

/** How far back visits are looked at every night; what is open of earlier ones has its Task. Days. */
const lookedBack = 180;
/** Days in which somebody is to see to it. */
const daysToDo = 3;

const statuses = 'planned,arrived,triaged,in-progress,finished';

const days = (date: string): readonly (readonly [string, string])[] => [
  ['date', `ge${addDays(date, -lookedBack)}`],
  ['date', `le${date}`],
];

/** Reconciles appointments and visits with notes, charges and claims; what was mended since closes its Task. */
export const chargesWork: NightlyWork = {
  code: 'charges',
  text: 'looks for visits without charges, notes without a signature, and charges that are not billed',
  // the Tasks of earlier nights are last: what was mended since is seen by then
  next: oneBehindAnother(
    ['booked', (date) => inPages('Appointment', ['status', kept.join(',')], ...days(date))],
    ['visits', (date) => inPages('Encounter', ['status', statuses], ...days(date))],
    [
      'tasks',
      () => inPages('Task', ['code', `${system.task}|${missingCode}`], ['status', openStatuses.join(',')]),
    ],
  ),
  one: async (context, tx, item, { date }) => {
    const name = referenceOf(item);
    if (!name.startsWith('Task/')) return raise(context, tx, name, date);
    const task = await resolve<Task>(tx, 'Task', { reference: name });
    if (!task || !isOpen(task)) return undefined;
    const about = await reconciled(context, tx, task.focus?.reference ?? '', date);
    if (about?.gaps.some(({ kind }) => kind === task.reasonCode?.text) === true) return undefined;
    return closeTask({ context, tx }, task); // mended, or its visit is no more
  },
};

async function reconciled(
  context: OperationContext,
  tx: Transaction,
  name: string,
  today: string,
): Promise<Reconciled | undefined> {
  if (parseReference(name)?.type === 'Appointment') {
    const booked = await resolve<Appointment>(tx, 'Appointment', { reference: name });
    const practice = booked && (await practiceOfBooked(tx, booked));
    const allowed = await settingsOfPractice(tx, practice);
    return booked && reconcileAppointment(context, tx, booked, { allowed, today });
  }
  const visit = await resolve<Encounter>(tx, 'Encounter', { reference: name });
  const allowed = await settingsOfPractice(tx, visit && practiceOfVisit(visit));
  return visit && reconcileVisit(context, tx, visit, { allowed, today });
}

async function raise(context: OperationContext, tx: Transaction, name: string, date: string): Promise<void> {
  const found = await reconciled(context, tx, name, date);
  const call = changed(laterCall(context, tx, date), { on: date });
  for (const { kind, since } of found?.gaps ?? [])
    await raiseTask(call, {
      code: missingCode,
      focus: name,
      detail: kind,
      text: `${gapText[kind]} (since ${since})`,
      patient: found?.patient,
      ...(name.startsWith('Encounter/') ? { encounter: name } : {}),
      ...(found?.practice === undefined ? {} : { practice: found.practice }),
      due: addDays(date, daysToDo),
    });
}
