import type { Appointment, Encounter, Task } from '@medplum/fhirtypes';
import { addDays } from '../../datatypes/date.ts';
import { isOpen, openStatuses } from '../../datatypes/openTask.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { resolve } from '../../interaction/repository.ts';
import type { Transaction } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';
import { inPages, referenceOf } from '../nightly/inPages.ts';
import type { Night, NightlyWork } from '../nightly/nightly.ts';
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
import { kept } from './visitFacts.ts';

export const missingCode = 'missing-charge';

/** How far back visits are looked at every night; what is open of earlier ones has its Task. Days. */
const lookedBack = 180;
/** Days in which somebody is to see to it. */
const daysToDo = 3;

const statuses = 'planned,arrived,triaged,in-progress,finished';

/** The ways through what may have a gap, one behind the other; the Tasks of earlier nights are last. */
const ways = ({ date }: Night): readonly NightlyWork['next'][] => {
  const days = [
    ['date', `ge${addDays(date, -lookedBack)}`],
    ['date', `le${date}`],
  ] as const;
  return [
    inPages('Appointment', ['status', kept.join(',')], ...days),
    inPages('Encounter', ['status', statuses], ...days),
    inPages('Task', ['code', `${system.task}|${missingCode}`], ['status', openStatuses.join(',')]),
  ];
};
const types: readonly string[] = ['Appointment', 'Encounter', 'Task'];

/** Reconciles appointments and visits with notes, charges and claims; what was mended since closes its Task. */
export const chargesWork: NightlyWork = {
  code: 'charges',
  text: 'looks for visits without charges, notes without a signature, and charges that are not billed',
  next: async (context, night, { after, count }) => {
    const first = after === undefined ? 0 : types.indexOf(after.split('/')[0] ?? '');
    for (const [i, way] of ways(night).entries()) {
      if (i < first) continue;
      const items = await way(context, night, { after: i === first ? after : undefined, count });
      if (items.length > 0) return items;
    }
    return [];
  },
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
