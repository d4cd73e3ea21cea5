import type { Entry, Posting } from '../../datatypes/entry.ts';
import { lineAbout, metAccount, type CreditPart, type MetLine } from './patientLine.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** Credit and the lines it meets; both sides have the same sum. */
export interface Application {
  readonly from: readonly CreditPart[];
  readonly lines: readonly MetLine[];
}

const postings = ({ from, lines }: Application): Posting[] => [
  ...from.map((c) => debit('unapplied-patient-credit', c.amount, { encounter: c.encounter })),
  ...lines.map((l) => credit(metAccount(l), l.amount, lineAbout(l, l.invoice))),
];

/** What the patient paid before meets what he owes: unapplied credit / patient receivable. */
export const creditApplied = (event: Head & Application): Entry =>
  post(event, { reason: 'credit-applied', text: 'earlier payment applied' }, postings(event));
