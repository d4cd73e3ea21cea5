import type { Invoice, PaymentNotice } from '@medplum/fhirtypes';
import { settle } from '../../billing/invoice/successor.ts';
import { openOf, patientPayment, payableOn, type About } from '../../billing/ledger/index.ts';
import { allocate } from '../../billing/payment/allocate.ts';
import { receipt, sameReceipt, type Payment } from '../../billing/payment/receipt.ts';
import { sum, toText } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { createResource, resolve, updateResource } from '../../interaction/repository.ts';
import { duplicate } from '../../outcome/fhirError.ts';
import { decided, type Issue } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import { holderOf, paymentKey, reserveKey, type UniqueKey } from '../uniqueKey.ts';
import type { PatientAccount } from './patientAccount.ts';

export interface Received {
  readonly receipt: PaymentNotice;
  readonly invoices: readonly Invoice[];
  readonly issues: readonly Issue[];
}

export const keyOfPayment = (payment: Pick<Payment, 'practice' | 'reference'>): UniqueKey<PaymentNotice> =>
  paymentKey(payment.practice.reference ?? '', payment.reference);

/**
 * The receipt that holds a payment reference already, when it was for the same; 409 that names it when it was for
 * another invoice, amount, method or visit.
 */
export async function knownReceipt(
  { tx }: Call,
  key: UniqueKey<PaymentNotice>,
  wanted: PaymentNotice,
): Promise<(PaymentNotice & { id: string }) | undefined> {
  const notice = await holderOf(tx, key);
  if (!notice || sameReceipt(notice, wanted)) return notice;
  const text = `the reference was used for another payment: ${referenceText(notice)}`;
  throw duplicate('reference-used', text, "Parameters.parameter.where(name='reference').value");
}

/** What a repeat of a payment is answered with: the first receipt; nothing is posted. */
export const repeated = (notice: PaymentNotice): Issue[] => [
  decided(
    'already-there',
    'PaymentNotice',
    `${referenceText(notice)} is the receipt; nothing was posted again`,
  ),
];

/** Receives a payment: Invoices that `where` covers are met, the oldest first, the rest is credit. */
export async function receivePayment(
  call: Call,
  of: PatientAccount,
  payment: Payment & { readonly on: string; readonly date: string; readonly where: About | undefined },
): Promise<Received> {
  const { tx, context } = call;
  const { where, on } = payment;
  const { applied, rest } = allocate(payment.amount, where ? payableOn(of.journal, where, on) : []);
  const notice = await createResource(context, tx, receipt(payment, payment));
  await reserveKey(tx, keyOfPayment(payment), referenceText(notice));
  const head = { id: context.newId(), on, account: of.name, cause: versionText(notice) };
  const entry = patientPayment({ ...head, applied, unapplied: rest, encounter: payment.encounter });
  await tx.append(entry);
  const invoices = await settleInvoices(
    call,
    [...of.journal, entry],
    applied.map((a) => a.invoice),
  );
  const issues = [
    decided('created', 'PaymentNotice', `${referenceText(notice)} is the receipt`),
    ...[...new Set(applied.map((a) => a.invoice))].map((invoice) => {
      const amount = sum(applied.filter((a) => a.invoice === invoice).map((a) => a.amount));
      return decided('payment-applied', 'Invoice', `${toText(amount)} is applied to ${invoice}`);
    }),
    ...(rest > 0
      ? [decided('unapplied-credit', 'Account', `${toText(rest)} is credit; the next Invoice takes it up`)]
      : []),
  ];
  return { receipt: notice, invoices, issues };
}

/** Invoices with nothing open become balanced, those with something open issued. */
export async function settleInvoices(
  { tx, context }: Call,
  journal: readonly Entry[],
  names: readonly string[],
): Promise<(Invoice & { id: string })[]> {
  const invoices: (Invoice & { id: string })[] = [];
  for (const reference of new Set(names)) {
    const invoice = await resolve<Invoice>(tx, 'Invoice', { reference });
    if (invoice?.id === undefined) continue;
    const known = { ...invoice, id: invoice.id };
    const settled = settle(known, openOf(journal, reference));
    invoices.push(settled === known ? known : await updateResource(context, tx, settled));
  }
  return invoices;
}
