import type { Account, Invoice, Patient } from '@medplum/fhirtypes';
import { toMoney, type Cents } from '../../datatypes/cents.ts';
import { referenceTo } from '../../datatypes/reference.ts';
import { extension, system } from '../../terminology/system.ts';
import { returnedComponent } from './component.ts';
import { invoiceNumber, recipientOf } from './issue.ts';

/** Money that was refunded to the patient and then taken back by his bank. */
export interface Returned {
  readonly id: string;
  readonly on: string; // FHIR date
  readonly patient: Patient;
  readonly account: Account;
  readonly payment: string; // PaymentNotice/1, the payment that was returned
  readonly amount: Cents;
}

/** The Invoice for a refund of money that was returned: one line, for no charge. */
export function returnedInvoice(of: Returned): Invoice & { id: string } {
  const { id, on, patient, account, payment, amount } = of;
  const recipient = recipientOf(account, patient, on);
  const from = { url: extension.returnedPayment, valueReference: { reference: payment } };
  return {
    resourceType: 'Invoice',
    id,
    extension: [from],
    identifier: [{ system: system.invoiceNumber, value: invoiceNumber(id) }],
    status: 'issued',
    subject: referenceTo(patient),
    ...(recipient ? { recipient } : {}),
    date: on,
    ...(account.owner ? { issuer: account.owner } : {}),
    account: referenceTo(account),
    lineItem: [
      {
        extension: [from],
        sequence: 1,
        chargeItemCodeableConcept: { text: 'refund of a payment that was returned' },
        priceComponent: [returnedComponent(amount)],
      },
    ],
    totalNet: toMoney(amount),
    totalGross: toMoney(amount),
  };
}
