import { sum, type Cents } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { lineAbout, metAccount, type CreditPart, type InvoiceLine } from './patientLine.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** What a payment that never was opens again on Invoices, and takes out of the credit. */
export interface PaymentReversal {
  readonly reopened: readonly InvoiceLine[];
  readonly credit: readonly CreditPart[];
  /** What was refunded of it: the patient owes it, on an Invoice of its own. */
  readonly returned?: { readonly invoice: string; readonly amount: Cents } | undefined;
  readonly payment: string; // id of the entry taken back
  readonly from?: 'cash' | 'opening-balance'; // where its money stands: what a former system received is no cash here
}

/** A payment was mistyped or bounced: patient receivable on Invoices and unapplied credit / cash. */
export function paymentReversed(event: Head & PaymentReversal): Entry {
  const { reopened, credit: parts, returned, payment, from = 'cash' } = event;
  const amount = sum([...reopened, ...parts, ...(returned ? [returned] : [])].map((l) => l.amount));
  const made = post(event, { reason: 'payment-reversed', text: 'payment taken back' }, [
    ...reopened.map((l) => debit(metAccount(l), l.amount, lineAbout(l, l.invoice))),
    ...parts.map((c) => debit('unapplied-patient-credit', c.amount, { encounter: c.encounter })),
    ...(returned
      ? [debit('receivable-patient-returned', returned.amount, { invoice: returned.invoice })]
      : []),
    credit(from, amount, {}),
  ]);
  return { ...made, reverses: payment };
}
