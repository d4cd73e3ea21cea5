import type { Entry, LedgerAccount } from '../../datatypes/entry.ts';
import { lineAbout, type PatientLine } from './patientLine.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** Why the practice gives up what a patient owes, and where that is booked. */
export const writeOffAccount = {
  'bad-debt': 'bad-debt-expense',
  charity: 'charity-adjustment',
  'small-balance': 'small-balance-adjustment',
} as const satisfies Record<string, LedgerAccount>;

export type WriteOffReason = keyof typeof writeOffAccount;

/** Part of an Invoice is given up: bad debt, charity or small balance / patient receivable, invoiced. */
export function writeOff(
  event: Head & {
    readonly invoice: string;
    readonly why: WriteOffReason;
    readonly lines: readonly PatientLine[];
  },
): Entry {
  const { invoice, why, lines } = event;
  return post(event, { reason: 'write-off', text: `written off: ${why}` }, [
    ...lines.map((l) => debit(writeOffAccount[why], l.amount, lineAbout(l, invoice))),
    ...lines.map((l) => credit('receivable-patient-invoiced', l.amount, lineAbout(l, invoice))),
  ]);
}
