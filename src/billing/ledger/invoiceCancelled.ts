import type { Entry } from '../../datatypes/entry.ts';
import { lineAbout, type PatientLine } from './patientLine.ts';
import { credit, debit, post, type Head } from './posting.ts';

/**
 * An Invoice is replaced: what is open on it is no longer invoiced, and what was paid on it is credit again, kept
 * for the visit, so that the successor takes it up.
 */
export function invoiceCancelled(
  event: Head & {
    readonly invoice: string;
    readonly open: readonly PatientLine[];
    readonly paid: readonly PatientLine[];
  },
): Entry {
  const { invoice, open, paid } = event;
  return post(event, { reason: 'invoice-cancelled', text: 'invoice replaced' }, [
    ...[...open, ...paid].map((l) => debit('receivable-patient-not-invoiced', l.amount, lineAbout(l))),
    ...open.map((l) => credit('receivable-patient-invoiced', l.amount, lineAbout(l, invoice))),
    // names the Invoice even where all of it was paid, so that its payments are known to be credit now
    ...paid.map((l) => credit('unapplied-patient-credit', l.amount, { encounter: l.encounter, invoice })),
  ]);
}
