import type { Account, Extension, Invoice, Patient } from '@medplum/fhirtypes';
import { toMoney, type Cents } from '../../datatypes/cents.ts';
import { changed } from '../../datatypes/json.ts';
import { system } from '../../terminology/system.ts';
import { broughtForwardComponent } from './component.ts';
import { issued } from './issue.ts';

/** What a patient still owed in a former system. */
export interface BroughtForward {
  readonly id: string;
  readonly on: string; // when the patient was first asked for it: it is aged from that day
  readonly patient: Patient;
  readonly account: Account;
  readonly reference: string; // its number in the former system
  readonly amount: Cents;
  readonly mark: Extension;
}

/** The Invoice for it: one line, for no charge that is here. */
export function invoiceBroughtForward(of: BroughtForward): Invoice & { id: string } {
  const { id, on, patient, account, reference, amount, mark } = of;
  const made = issued({ id, on, patient, account }, toMoney(amount));
  return changed(made, {
    extension: [mark],
    identifier: [...(made.identifier ?? []), { system: system.formerReference, value: reference }],
    lineItem: [
      {
        sequence: 1,
        chargeItemCodeableConcept: { text: 'balance brought forward' },
        priceComponent: [broughtForwardComponent(amount)],
      },
    ],
  });
}
