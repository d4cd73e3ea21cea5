import type { Invoice, PaymentNotice } from '@medplum/fhirtypes';
import {
  creditOn,
  creditReleased,
  metByCredit,
  paymentReversed,
  refundReversed,
  type PatientLine,
} from '../../billing/ledger/index.ts';
import { planReversal } from '../../billing/payment/reverse.ts';
import { negate, sum, toText, type Cents } from '../../datatypes/cents.ts';
import type { Entry, Posting } from '../../datatypes/entry.ts';
import { versionText } from '../../datatypes/reference.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, warning, type Issue } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import type { PatientAccount } from './patientAccount.ts';
import { settleInvoices } from './receivePayment.ts';

interface Undone {
  readonly invoices: readonly Invoice[];
  readonly issues: readonly Issue[];
}
interface ToUndo {
  readonly entry: Entry;
  readonly notice: PaymentNotice;
}

const later = (a: string, b: string): string => (a > b ? a : b);

/** Takes the posting of a payment back; 422 when the credit it left was refunded since. */
export async function reversePayment(
  call: Call,
  of: PatientAccount,
  { entry, notice }: ToUndo,
): Promise<Undone> {
  const { tx, context } = call;
  const { journal } = of;
  const applied = entry.postings
    .filter((p) => p.account === 'receivable-patient-invoiced')
    .map((p) => ({ ...lineOf(p), invoice: p.invoice ?? '', amount: negate(p.amount) }));
  const unapplied = entry.postings
    .filter((p) => p.account === 'unapplied-patient-credit')
    .map((p) => part(p.encounter, negate(p.amount)));
  const cancelled = new Set(
    journal
      .filter((e) => e.reason === 'invoice-cancelled')
      .flatMap((e) => e.postings.flatMap((p) => p.invoice ?? [])),
  );
  const met = metByCredit(journal);
  const lastMet = journal.findLast((e) => e.reason === 'credit-applied')?.on ?? entry.on;
  const on = [entry.on, lastMet].reduce(later, call.on);
  const plan = planReversal({ applied, unapplied, cancelled, available: creditOn(journal, on), met });
  if (plan.short > 0) {
    const text = `${toText(plan.short)} of it was refunded: reverse the refund first`;
    throw unprocessable([businessFault('credit-refunded', 'PaymentNotice', text)]);
  }
  const head = { on, account: of.name, cause: versionText(notice) };
  const released = sum(plan.released.map((l) => l.amount));
  const from = [{ amount: released }];
  const entries = [
    ...(released === 0 ? [] : [creditReleased({ ...head, id: context.newId(), from, lines: plan.released })]),
    paymentReversed({
      ...head,
      id: context.newId(),
      reopened: plan.reopened,
      credit: plan.credit,
      payment: entry.id,
    }),
  ];
  for (const e of entries) await tx.append(e);
  const invoices = await settleInvoices(
    call,
    [...journal, ...entries],
    plan.reopened.map((l) => l.invoice),
  );
  return { invoices, issues: plan.released.map(uncovered) };
}

const lineOf = ({ encounter, charge, claim, item }: Posting) => ({ encounter, charge, claim, item });

const part = (encounter: string | undefined, amount: Cents) =>
  encounter === undefined ? { amount } : { encounter, amount };

/** A line whose Invoice counted on this money: it is to be invoiced again. */
const uncovered = ({ amount, claim, charge }: PatientLine): Issue =>
  warning(
    'credit-released',
    'Invoice',
    `${toText(amount)} of ${claim ?? charge ?? 'a line'} is not paid any more: $generate-invoice asks for it`,
  );

/** A refund did not reach the patient: the credit is there again. */
export async function reverseRefund(
  call: Call,
  _of: PatientAccount,
  { entry, notice }: ToUndo,
): Promise<Undone> {
  const on = later(call.on, entry.on);
  const head = { id: call.context.newId(), on, cause: versionText(notice) };
  await call.tx.append(refundReversed({ ...head, refunded: entry }));
  return { invoices: [], issues: [] };
}
