import { add, sum } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { lineAbout, type CreditPart, type PatientLine } from './patientLine.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** What a payment that never was opens again on Invoices, and takes out of the credit. */
export interface PaymentReversal {
  readonly reopened: readonly (PatientLine & { readonly invoice: string })[];
  readonly credit: readonly CreditPart[];
  readonly payment: string; // id of the entry taken back
}

/** A payment was mistyped or bounced: patient receivable, invoiced and unapplied credit / cash. */
export function paymentReversed(event: Head & PaymentReversal): Entry {
  const { reopened, credit: parts, payment } = event;
  const amount = add(sum(reopened.map((l) => l.amount)), sum(parts.map((c) => c.amount)));
  const made = post(event, { reason: 'payment-reversed', text: 'payment taken back' }, [
    ...reopened.map((l) => debit('receivable-patient-invoiced', l.amount, lineAbout(l, l.invoice))),
    ...parts.map((c) => debit('unapplied-patient-credit', c.amount, { encounter: c.encounter })),
    credit('cash', amount, {}),
  ]);
  return { ...made, reverses: payment };
}
