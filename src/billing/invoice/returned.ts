import type { Account, Invoice, Patient } from '@medplum/fhirtypes';
import { toMoney, type Cents } from '../../datatypes/cents.ts';
import { changed } from '../../datatypes/json.ts';
import { extension } from '../../terminology/system.ts';
import { returnedComponent } from './component.ts';
import { issued } from './issue.ts';

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
  const from = { url: extension.returnedPayment, valueReference: { reference: payment } };
  return changed(issued({ id, on, patient, account }, toMoney(amount)), {
    extension: [from],
    lineItem: [
      {
        extension: [from],
        sequence: 1,
        chargeItemCodeableConcept: { text: 'refund of a payment that was returned' },
        priceComponent: [returnedComponent(amount)],
      },
    ],
  });
}
