import type { Entry, Posting } from '../../datatypes/entry.ts';
import { lineAbout, type CreditPart, type PatientLine } from './patientLine.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** Credit and the lines it meets; both sides have the same sum. */
export interface Application {
  readonly from: readonly CreditPart[];
  readonly lines: readonly PatientLine[];
}

const postings = ({ from, lines }: Application): Posting[] => [
  ...from.map((c) => debit('unapplied-patient-credit', c.amount, { encounter: c.encounter })),
  ...lines.map((l) => credit('receivable-patient-not-invoiced', l.amount, lineAbout(l))),
];

/** What the patient paid before meets what he owes now: unapplied credit / patient receivable, not invoiced. */
export const creditApplied = (event: Head & Application): Entry =>
  post(event, { reason: 'credit-applied', text: 'earlier payment applied' }, postings(event));
