import type { Invoice, Parameters } from '@medplum/fhirtypes';
import { openedOn, openOf } from '../billing/ledger/index.ts';
import { referenceText } from '../datatypes/reference.ts';
import { readResource } from '../interaction/repository.ts';
import { warning } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { assertIssued } from './invoice/issuedInvoice.ts';
import { parameter } from './parameters.ts';
import { patientAccount } from './payment/patientAccount.ts';
import { recordPayment } from './payment/recordPayment.ts';

/** POST [base]/Invoice/[id]/$record-payment: the patient paid on an Invoice; what exceeds it is credit. */
export const invoiceRecordPayment: Operation = {
  definition: operationDefinition('Invoice-record-payment'),
  permission: 'record-payment',
  async run(call): Promise<Parameters> {
    const invoice = await readResource<Invoice & { id: string }>(call.tx, 'Invoice', call.target.id ?? '');
    const of = await patientAccount(call, invoice.account, 'Invoice.account');
    const name = referenceText(invoice);
    const balanced = openOf(of.journal, name) === 0 && !parameter(call.input, 'allocation');
    const text = `${name} is balanced: all of the payment is credit`;
    return recordPayment(call, {
      request: name,
      of,
      where: { invoice: name },
      from: openedOn(of.journal, name) ?? invoice.date, // nothing is met before it was asked for
      invoice,
      check: () => {
        assertIssued(invoice);
      },
      more: () => (balanced ? [warning('invoice-balanced', 'Invoice.status', text)] : []),
    });
  },
};
