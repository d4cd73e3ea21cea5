import type { Account, Appointment, Claim, Encounter, PaymentNotice } from '@medplum/fhirtypes';
import { appointmentOf } from '../../billing/estimate/goodFaith.ts';
import { allCredit } from '../../billing/ledger/index.ts';
import { estimateOfReceipt } from '../../billing/payment/receipt.ts';
import { centsOf, least, sum, toText, zero } from '../../datatypes/cents.ts';
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
  async run(context, tx, { after, before, target }) {
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
      for (const { account, amount, patient } of held)
        await raiseTask(
          { context, tx, on },
          {
            code: 'deposit-refund',
            focus: account,
            detail: `${target.type}/${target.id}`,
            text: `${amount} was taken for ${target.type}/${target.id}, which does not take place: refund it by Account/[id]/$refund, or keep it for another visit as the patient wants`,
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
}

/** What is kept as credit for a visit, or was taken against the estimate of an appointment, on each Account. */
async function heldFor(tx: Transaction, visit: Appointment | Encounter, on: string): Promise<Held[]> {
  const patient =
    visit.resourceType === 'Encounter'
      ? idOf(visit.subject, 'Patient')
      : visit.participant.map(({ actor }) => idOf(actor, 'Patient')).find((id) => id !== undefined);
  if (patient === undefined) return [];
  const name = `Patient/${patient}`;
  const accounts = await find<Account>(tx, 'Account', { subject: name });
  const estimates =
    visit.resourceType === 'Encounter'
      ? new Set<string>()
      : await estimatesFor(tx, name, referenceText(visit));
  if (visit.resourceType === 'Appointment' && estimates.size === 0) return [];
  const held: Held[] = [];
  for (const account of accounts.map(referenceText)) {
    const credit = allCredit(await tx.journal(account), [], on);
    const own =
      visit.resourceType === 'Encounter'
        ? sum(credit.filter((part) => part.encounter === referenceText(visit)).map((part) => part.amount))
        : least(sum(credit.map((part) => part.amount)), await takenFor(tx, account, estimates));
    if (own > 0) held.push({ account, amount: toText(own), patient: name });
  }
  return held;
}

const estimatesFor = async (tx: Transaction, patient: string, appointment: string): Promise<Set<string>> =>
  new Set(
    (await find<Claim>(tx, 'Claim', { patient, use: 'predetermination' }))
      .filter((claim) => appointmentOf(claim) === appointment)
      .map(referenceText),
  );

const takenFor = async (
  tx: Transaction,
  account: string,
  estimates: ReadonlySet<string>,
): Promise<ReturnType<typeof sum>> =>
  sum(
    (await find<PaymentNotice>(tx, 'PaymentNotice', { request: account }))
      .filter((notice) => notice.status === 'active' && estimates.has(estimateOfReceipt(notice) ?? ''))
      .map((notice) => centsOf(notice.amount) ?? zero),
  );
