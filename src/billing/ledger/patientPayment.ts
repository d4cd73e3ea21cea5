import { add, sum, zero, type Cents } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { lineAbout, metAccount, type InvoiceLine } from './patientLine.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** What a payment met on Invoices, and what of it became credit (kept for a visit, or free). */
export interface PatientPayment {
  readonly applied: readonly InvoiceLine[];
  readonly unapplied: Cents;
  readonly encounter?: string | undefined; // the visit the credit is kept for
}

/** The patient paid: cash / patient receivable on Invoices; the rest is unapplied credit. */
export function patientPayment(event: Head & PatientPayment): Entry {
  const { applied, unapplied, encounter } = event;
  const paid = add(sum(applied.map((l) => l.amount)), unapplied);
  return post(event, { reason: 'patient-payment', text: 'patient payment' }, [
    debit('cash', paid, {}),
    ...applied.map((l) => credit(metAccount(l), l.amount, lineAbout(l, l.invoice))),
    credit('unapplied-patient-credit', unapplied, { encounter: unapplied === zero ? undefined : encounter }),
  ]);
}
