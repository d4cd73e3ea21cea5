import type { Appointment, Claim, Coverage } from '@medplum/fhirtypes';
import { estimateDue } from '../../billing/estimate/clock.ts';
import { appointmentOf, isGoodFaith } from '../../billing/estimate/goodFaith.ts';
import { contains, dateInZone } from '../../datatypes/date.ts';
import { changed } from '../../datatypes/json.ts';
import { isOpen } from '../../datatypes/openTask.ts';
import { referenceText } from '../../datatypes/reference.ts';
import type { WriteHook } from '../../interaction/context.ts';
import { find, resolve } from '../../interaction/repository.ts';
import type { Transaction } from '../../store/store.ts';
import { visitOf } from '../eligibility/nightlyCheck.ts';
import { inPages, referenceOf } from '../nightly/inPages.ts';
import type { NightlyWork } from '../nightly/nightly.ts';
import { laterCall } from '../submission/laterCall.ts';
import type { Call } from '../operation.ts';
import { holderOf, taskKey } from '../uniqueKey.ts';
import { closeTask, raiseTask } from '../worklist/task.ts';
import { offAppointments } from './depositHook.ts';

/** Who comes without insurance gets a good-faith estimate in time: where it is not there, a Task with its last day. */
export const estimatesWork: NightlyWork = {
  code: 'estimates',
  text: 'appointments of patients without insurance that have no good-faith estimate',
  next: (context, night, range) =>
    inPages('Appointment', ['status', 'booked'], ['date', `ge${night.date}`])(context, night, range),
  one: async (context, tx, item, { date }) => {
    const name = referenceOf(item);
    const visit = await visitOf(context, tx, name);
    if (!visit || visit.day < date) return;
    const call = changed(laterCall(context, tx, date), { on: date });
    const { patient, day, practice } = visit;
    const isDone = (await isInsured(tx, patient, day)) || (await hasEstimate(tx, { patient, name, day }));
    if (isDone) return closeMissing(call, name);
    const appointment = await resolve<Appointment>(tx, 'Appointment', { reference: name });
    const made = appointment?.created;
    const scheduledOn = made === undefined || made.length === 10 ? made : dateInZone(made, context.timeZone);
    const due = estimateDue({ date: day, scheduledOn });
    if (due === undefined) return;
    await raiseTask(call, {
      ...{ code: 'estimate-missing', focus: name, detail: '', patient, practice, due },
      text: `no good-faith estimate was given for the appointment on ${day}: Claim/$good-faith-estimate gives it, by ${due} at the latest`,
    });
  },
};

/** Nobody has to give an estimate any more: it is there, or insurance pays. */
export async function closeMissing(call: Pick<Call, 'context' | 'tx'>, appointment: string): Promise<void> {
  const task = await holderOf(call.tx, taskKey('estimate-missing', appointment));
  if (task && isOpen(task)) await closeTask(call, task);
}

/** Nor for an appointment that does not take place: the nightly work does not come by it again. */
export const estimateMissingHook: WriteHook = {
  types: ['Appointment'],
  run: (context, tx, { after }) =>
    Promise.resolve(
      after?.resourceType === 'Appointment' && offAppointments.includes(after.status)
        ? () => closeMissing({ context, tx }, referenceText(after))
        : undefined,
    ),
};

async function isInsured(tx: Transaction, patient: string, day: string): Promise<boolean> {
  const all = await find<Coverage>(tx, 'Coverage', { beneficiary: patient });
  return all.some((one) => one.status === 'active' && contains(one.period, day));
}

async function hasEstimate(
  tx: Transaction,
  { patient, name, day }: { readonly patient: string; readonly name: string; readonly day: string },
): Promise<boolean> {
  const all = await find<Claim>(tx, 'Claim', { patient, use: 'predetermination' });
  return all.some((one) => {
    const appointment = appointmentOf(one);
    const isOfDay = appointment === undefined && contains(one.billablePeriod, day);
    return one.status === 'active' && isGoodFaith(one) && (appointment === name || isOfDay);
  });
}
