import type { Invoice, Parameters, PaymentNotice } from '@medplum/fhirtypes';
import { openOf } from '../billing/ledger/index.ts';
import { receipt } from '../billing/payment/receipt.ts';
import { referenceText } from '../datatypes/reference.ts';
import { readResource } from '../interaction/repository.ts';
import { warning, type Issue } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer } from './parameters.ts';
import { assertIssued } from './invoice/issuedInvoice.ts';
import { patientAccount } from './payment/patientAccount.ts';
import { paymentInput } from './payment/paymentInput.ts';
import { knownReceipt, keyOfPayment, receivePayment, repeated } from './payment/receivePayment.ts';

/** POST [base]/Invoice/[id]/$record-payment: the patient paid on an Invoice; what exceeds it is credit. */
export const invoiceRecordPayment: Operation = {
  definition: operationDefinition('Invoice-record-payment'),
  async run(call): Promise<Parameters> {
    const invoice = await readResource<Invoice & { id: string }>(call.tx, 'Invoice', call.target.id ?? '');
    const told = paymentInput(call);
    const of = await patientAccount(call, invoice.account, 'Invoice.account');
    const name = referenceText(invoice);
    const payment = { ...told, request: name, practice: invoice.issuer ?? of.practice };
    const known = await knownReceipt(call, keyOfPayment(payment), receipt(payment, payment));
    if (known) return result(known, [invoice], repeated(known));
    assertIssued(invoice);
    const issued = invoice.date ?? told.on;
    const on = told.on < issued ? issued : told.on; // nothing is met before it was asked for
    const balanced = openOf(of.journal, name) === 0;
    const received = await receivePayment(call, of, { ...payment, on, where: { invoice: name } });
    const issues = [
      ...received.issues,
      ...(balanced
        ? [warning('invoice-balanced', 'Invoice.status', `${name} is balanced: all of the payment is credit`)]
        : []),
    ];
    return result(received.receipt, received.invoices.length > 0 ? received.invoices : [invoice], issues);
  },
};

const result = (notice: PaymentNotice, invoices: readonly Invoice[], issues: readonly Issue[]): Parameters =>
  answer([['receipt', notice], ...invoices.map((i) => ['invoice', i] as const)], issues);
