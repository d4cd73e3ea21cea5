import type { Invoice, PaymentNotice } from '@medplum/fhirtypes';
import { invoiceNumber } from '../../billing/invoice/issue.ts';
import { returnedInvoice } from '../../billing/invoice/returned.ts';
import {
  creditOn,
  creditReleased,
  isOnInvoice,
  metByCredit,
  paymentReversed,
  payerRefundReversed,
  refundReversed,
  type InvoiceLine,
  type MetLine,
} from '../../billing/ledger/index.ts';
import { planReversal } from '../../billing/payment/reverse.ts';
import { negate, sum, toText, type Cents } from '../../datatypes/cents.ts';
import type { Entry, Posting } from '../../datatypes/entry.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { createResource } from '../../interaction/repository.ts';
import { warning, type Issue } from '../../outcome/issue.ts';
import { bringBack } from '../merge/bringBack.ts';
import type { Call } from '../operation.ts';
import { invoiceNumberKey, reserveKey, returnedKey } from '../uniqueKey.ts';
import type { PatientAccount } from './patientAccount.ts';
import { settleInvoices } from './receivePayment.ts';
import { post } from '../closing/post.ts';

export interface Undone {
  readonly invoices: readonly Invoice[];
  readonly issues: readonly Issue[];
}
interface ToUndo {
  readonly entry: Entry;
  readonly notice: PaymentNotice;
}

const later = (a: string, b: string): string => (a > b ? a : b);

/**
 * Takes the posting of a payment back, out of credit that a merge moved too. What of it was refunded since, the patient owes
 * on an Invoice of its own.
 */
export async function reversePayment(
  call: Call,
  given: PatientAccount,
  { entry, notice }: ToUndo,
): Promise<Undone> {
  const { context } = call;
  const { of, back } = await withCreditBack(call, given, entry);
  const { journal } = of;
  const { on, plan } = planned(of, entry, call.on);
  const invoice =
    plan.short > 0 ? await askForRefunded(call, of, { notice, on, amount: plan.short }) : undefined;
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
      returned: invoice && { invoice: referenceText(invoice), amount: plan.short },
      payment: entry.id,
      from: entry.reason === 'opening-balance' ? 'opening-balance' : 'cash',
    }),
  ];
  for (const e of entries) await post(call, e);
  const names = [...plan.reopened, ...plan.released].flatMap((l) => l.invoice ?? []);
  const invoices = await settleInvoices(call, [...journal, ...entries], names);
  return {
    invoices: [...(back?.invoices ?? []), ...invoices, ...(invoice ? [invoice] : [])],
    issues: [
      ...[...(back?.released ?? []), ...plan.released].map(uncovered),
      ...(invoice ? [owed(invoice, plan.short)] : []),
    ],
  };
}

/** The Account with as much of the credit that merges moved from it as a payment is taken back from and it has not. */
async function withCreditBack(call: Call, of: PatientAccount, entry: Entry) {
  const { plan } = planned(of, entry, call.on);
  const lacking = sum([plan.short, ...plan.released.map((l) => l.amount)]);
  const back = lacking > 0 ? await bringBack(call, of.name, lacking) : undefined;
  return back ? { of: { ...of, journal: await call.tx.journal(of.name) }, back } : { of };
}

/**
 * What is taken back from where, and on which day: not before what it takes back was posted, and where credit of later
 * days must be drawn on, on the last of them.
 */
function planned({ journal }: PatientAccount, entry: Entry, day: string) {
  const applied = entry.postings.flatMap((p): InvoiceLine[] =>
    isOnInvoice(p.account)
      ? [{ ...lineOf(p), invoice: p.invoice ?? '', account: p.account, amount: negate(p.amount) }]
      : [],
  );
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
  const last = journal.reduce((latest, e) => later(latest, e.on), entry.on);
  const planOn = (on: string) => ({
    on,
    plan: planReversal<InvoiceLine, MetLine>({
      applied,
      unapplied,
      cancelled,
      available: creditOn(journal, on),
      met,
    }),
  });
  const first = planOn([entry.on, lastMet].reduce(later, day));
  return first.plan.short > 0 && last > first.on ? planOn(last) : first;
}

/** The Invoice for a refund of money that was returned. */
async function askForRefunded(
  { tx, context }: Call,
  { account, patient }: PatientAccount,
  { notice, on, amount }: { notice: PaymentNotice; on: string; amount: Cents },
): Promise<Invoice & { id: string }> {
  const payment = referenceText(notice);
  const made = returnedInvoice({ id: context.newId(), on, patient, account, payment, amount });
  const invoice = await createResource(context, tx, made);
  await reserveKey(tx, returnedKey(payment, referenceText(account)), referenceText(invoice));
  await reserveKey(tx, invoiceNumberKey(invoiceNumber(invoice.id)), referenceText(invoice));
  return invoice;
}

const lineOf = ({ encounter, charge, claim, item }: Posting) => ({ encounter, charge, claim, item });

const part = (encounter: string | undefined, amount: Cents) =>
  encounter === undefined ? { amount } : { encounter, amount };

/** A line that this money met: it is open on its Invoice again, or to be invoiced again. */
const uncovered = ({ amount, claim, charge, invoice }: MetLine): Issue =>
  invoice === undefined
    ? warning(
        'credit-released',
        'Invoice',
        `${toText(amount)} of ${claim ?? charge ?? 'a line'} is not paid any more: $generate-invoice asks for it`,
      )
    : warning('credit-released', 'Invoice', `${toText(amount)} of ${invoice} is not paid any more`);

const owed = (invoice: Invoice, amount: Cents): Issue =>
  warning(
    'refund-owed',
    'Invoice',
    `${toText(amount)} of it was refunded: ${referenceText(invoice)} asks the patient for it`,
  );

/** A refund did not reach the patient, or the payer: the credit is there again. */
export async function reverseRefund(
  call: Call,
  _of: PatientAccount,
  { entry, notice }: ToUndo,
): Promise<Undone> {
  const on = later(call.on, entry.on);
  const head = { id: call.context.newId(), on, cause: versionText(notice) };
  const reversed = entry.reason === 'payer-refund' ? payerRefundReversed : refundReversed;
  await post(call, reversed({ ...head, refunded: entry }));
  return { invoices: [], issues: [] };
}
