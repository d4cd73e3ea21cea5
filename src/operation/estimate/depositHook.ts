import type { Account, Appointment, Claim, Encounter, PaymentNotice } from '@medplum/fhirtypes';
import { appointmentOf } from '../../billing/estimate/goodFaith.ts';
import { allCredit, type CreditPart } from '../../billing/ledger/index.ts';
import { estimateOfReceipt } from '../../billing/payment/receipt.ts';
import { centsOf, least, subtract, sum, toText, zero, type Cents } from '../../datatypes/cents.ts';
import { dateInZone } from '../../datatypes/date.ts';
import { idOf, referenceText } from '../../datatypes/reference.ts';
import { find } from '../../interaction/repository.ts';
import type { WriteHook } from '../../interaction/context.ts';
import type { Transaction } from '../../store/store.ts';
import { raiseTask } from '../worklist/task.ts';

const offAppointments: readonly string[] = ['cancelled', 'noshow', 'entered-in-error'];
const offVisits: readonly string[] = ['cancelled', 'entered-in-error'];

/** Money that was taken for a visit which does not take place is not forgotten: a Task asks for its refund. */
export const depositHook: WriteHook = {
  types: ['Appointment', 'Encounter'],
  async run(context, tx, { after, before }) {
    const isOff =
      after?.resourceType === 'Appointment'
        ? offAppointments.includes(after.status)
        : after?.resourceType === 'Encounter' && offVisits.includes(after.status);
    if (!isOff || (after?.resourceType !== 'Appointment' && after?.resourceType !== 'Encounter'))
      return undefined;
    const former = await before();
    if (former && 'status' in former && former.status === after.status) return undefined;
    const on = dateInZone(context.now(), context.timeZone);
    const held = await heldFor(tx, after, on);
    if (held.length === 0) return undefined;
    return async () => {
      for (const { account, amount, patient, visit } of held)
        await raiseTask(
          { context, tx, on },
          {
            code: 'deposit-refund',
            focus: account,
            detail: visit,
            text: `${amount} was taken for ${visit}, which does not take place: refund it by Account/[id]/$refund, or keep it for another visit as the patient wants`,
            patient,
          },
        );
    };
  },
};

interface Held {
  readonly account: string; // Account/1
  readonly amount: string;
  readonly patient: string;
  readonly visit: string; // Encounter/1, or the Appointment/1 whose estimate it was taken against
}

/**
 * What is kept as credit for a visit, or was taken against the estimate of an appointment, on each Account. What was taken
 * before its visit began is kept for none: it is found by the appointment of the visit.
 */
async function heldFor(tx: Transaction, visit: Appointment | Encounter, on: string): Promise<Held[]> {
  const isVisit = visit.resourceType === 'Encounter';
  const patient = isVisit
    ? idOf(visit.subject, 'Patient')
    : visit.participant.map(({ actor }) => idOf(actor, 'Patient')).find((id) => id !== undefined);
  if (patient === undefined) return [];
  const name = `Patient/${patient}`;
  const appointments = isVisit ? appointmentsOf(visit) : [referenceText(visit)];
  const estimates = await estimatesFor(tx, name, appointments);
  if (!isVisit && estimates.size === 0) return [];
  const held: Held[] = [];
  for (const account of (await find<Account>(tx, 'Account', { subject: name })).map(referenceText)) {
    const credit = allCredit(await tx.journal(account), [], on);
    const keep = (amount: Cents, of: string): void => {
      if (amount > 0) held.push({ account, amount: toText(amount), patient: name, visit: of });
    };
    if (isVisit)
      keep(sumOf(credit.filter((part) => part.encounter === referenceText(visit))), referenceText(visit));
    let free = sumOf(isVisit ? credit.filter((part) => part.encounter === undefined) : credit);
    for (const [appointment, claims] of estimates) {
      const amount = least(free, await takenFor(tx, account, claims));
      keep(amount, appointment);
      free = subtract(free, amount);
    }
  }
  return held;
}

const sumOf = (parts: readonly CreditPart[]): Cents => sum(parts.map(({ amount }) => amount));

const appointmentsOf = ({ appointment = [] }: Encounter): string[] =>
  appointment.flatMap((one) => {
    const id = idOf(one, 'Appointment');
    return id === undefined ? [] : [`Appointment/${id}`];
  });

/** The estimates that were given for appointments of a patient, by the appointment. */
async function estimatesFor(
  tx: Transaction,
  patient: string,
  appointments: readonly string[],
): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  if (appointments.length === 0) return found;
  for (const claim of await find<Claim>(tx, 'Claim', { patient, use: 'predetermination' })) {
    const appointment = appointmentOf(claim);
    if (appointment === undefined || !appointments.includes(appointment)) continue;
    found.set(appointment, (found.get(appointment) ?? new Set()).add(referenceText(claim)));
  }
  return found;
}

const takenFor = async (tx: Transaction, account: string, estimates: ReadonlySet<string>): Promise<Cents> =>
  sum(
    (await find<PaymentNotice>(tx, 'PaymentNotice', { request: account }))
      .filter((notice) => notice.status === 'active' && estimates.has(estimateOfReceipt(notice) ?? ''))
      .map((notice) => centsOf(notice.amount) ?? zero),
  );
