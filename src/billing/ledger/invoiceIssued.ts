import type { Entry } from '../../datatypes/entry.ts';
import { lineAbout, type PatientLine } from './patientLine.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** The patient is asked for what is not invoiced yet: patient receivable, invoiced / not invoiced. */
export function invoiceIssued(
  event: Head & { readonly invoice: string; readonly lines: readonly PatientLine[] },
): Entry {
  const { invoice, lines } = event;
  return post(event, { reason: 'invoice-issued', text: 'invoice issued' }, [
    ...lines.map((l) => debit('receivable-patient-invoiced', l.amount, lineAbout(l, invoice))),
    ...lines.map((l) => credit('receivable-patient-not-invoiced', l.amount, lineAbout(l))),
  ]);
}
