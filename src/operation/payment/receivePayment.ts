import type { Invoice, PaymentNotice } from '@medplum/fhirtypes';
import { settle } from '../../billing/invoice/successor.ts';
import { openOf, patientPayment } from '../../billing/ledger/index.ts';
import { receipt, type Payment } from '../../billing/payment/receipt.ts';
import { sum, toText } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { createResource, resolve, updateResource } from '../../interaction/repository.ts';
import { decided, type Issue } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import type { PatientAccount } from './patientAccount.ts';
import type { Parts } from './paymentParts.ts';
import { takeNumber, type NumberOf } from './paymentReference.ts';
import { post } from '../closing/post.ts';

export interface Received {
  readonly receipt: PaymentNotice;
  readonly invoices: readonly Invoice[];
  readonly issues: readonly Issue[];
}

/** Writes the receipt of a payment and posts it: an entry on each Account it is for. */
export async function receivePayment(
  call: Call,
  own: PatientAccount,
  of: {
    readonly id: string;
    readonly payment: Payment;
    readonly number: NumberOf;
    readonly date: string;
    readonly parts: Parts;
  },
): Promise<Received> {
  const { tx, context } = call;
  const { id, payment } = of;
  const { on, parts } = of.parts;
  const notice = await createResource(context, tx, changed(receipt(payment, { on, date: of.date }), { id }));
  await takeNumber(call, of.number, notice);
  const invoices: Invoice[] = [];
  const issues: Issue[] = [decided('created', 'PaymentNotice', `${referenceText(notice)} is the receipt`)];
  for (const part of parts) {
    const head = { id: context.newId(), on, account: part.of.name, cause: versionText(notice) };
    const encounter = part.of === own ? payment.encounter : undefined;
    const entry = patientPayment({ ...head, applied: part.applied, unapplied: part.unapplied, encounter });
    await post(call, entry);
    const names = [...new Set(part.applied.map((a) => a.invoice))];
    invoices.push(...(await settleInvoices(call, [...part.of.journal, entry], names)));
    for (const invoice of names) {
      const amount = sum(part.applied.filter((a) => a.invoice === invoice).map((a) => a.amount));
      issues.push(decided('payment-applied', 'Invoice', `${toText(amount)} is applied to ${invoice}`));
    }
    if (part.unapplied > 0) {
      const text = `${toText(part.unapplied)} is credit; the next Invoice takes it up`;
      issues.push(decided('unapplied-credit', 'Account', text));
    }
  }
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
    const known = changed(invoice, { id: invoice.id });
    const settled = settle(known, openOf(journal, reference));
    invoices.push(settled === known ? known : await updateResource(context, tx, settled));
  }
  return invoices;
}
