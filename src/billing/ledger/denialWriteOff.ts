import { negate, type Cents } from '../../datatypes/cents.ts';
import type { Entry, LedgerAccount } from '../../datatypes/entry.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** A denied amount on a line of a claim; without item, on the claim as a whole. */
export interface DeniedLine {
  readonly item?: number | undefined;
  readonly encounter?: string | undefined;
  readonly payer?: string | undefined;
  readonly amount: Cents;
  /** Where it stands: denied, or open where a claim of a former system is given up unanswered. */
  readonly account?: 'receivable-insurance-denied' | 'receivable-insurance-open';
}

/** What of a denied receivable is given up, why, and the ledger account of that reason. */
export interface DenialWriteOff {
  readonly claim: string;
  readonly why: string;
  readonly to: LedgerAccount;
  readonly reference: string; // the office's own number of it
  readonly lines: readonly DeniedLine[];
}

/** What a payer denied and nobody will pay: the account of the reason / insurance receivable, denied. */
export function denialWrittenOff(event: Head & DenialWriteOff): Entry {
  const { claim, why, to, reference, lines } = event;
  const about = ({ item, encounter, payer }: DeniedLine) => ({ encounter, claim, item, payer });
  const made = post(event, { reason: 'denial-written-off', text: `written off: ${why}` }, [
    ...lines.map((l) => debit(to, l.amount, about(l))),
    ...lines.map((l) => credit(l.account ?? 'receivable-insurance-denied', l.amount, about(l))),
  ]);
  return { ...made, reference };
}

/** A write-off of a denied receivable is taken back: what was given up is denied again. */
export const denialWriteOffReversed = (
  event: Omit<Head, 'account'> & { readonly writtenOff: Entry },
): Entry => {
  const { id, on, cause, writtenOff } = event;
  const made = post(
    { id, on, cause, account: writtenOff.account },
    { reason: 'denial-write-off-reversed', text: 'write-off taken back' },
    writtenOff.postings.map((p) => ({ ...p, amount: negate(p.amount) })),
  );
  return { ...made, reverses: writtenOff.id };
};

/** The write-offs of the denied receivable of a claim that stand. */
export function denialWriteOffsOf(journal: readonly Entry[], claim: string): Entry[] {
  const takenBack = new Set(journal.map((e) => e.reverses));
  return journal.filter(
    (e) =>
      e.reason === 'denial-written-off' && !takenBack.has(e.id) && e.postings.some((p) => p.claim === claim),
  );
}
