import type { Cents } from '../../datatypes/cents.ts';
import { reversal, type Entry } from '../../datatypes/entry.ts';
import { credit, debit, post, type Head } from './posting.ts';

const account = 'merged-accounts';
const text = 'credit of two records of one patient';

/**
 * Moves credit that is kept for no visit from the Account of one record of a patient to that of the record that stays: an
 * entry on each. What stands on merged-accounts is nothing over both.
 */
export function creditMerged({
  from,
  to,
  amount,
}: {
  readonly from: Head;
  readonly to: Head;
  readonly amount: Cents;
}): [Entry, Entry] {
  const why = { reason: 'account-merged', text } as const;
  return [
    post(from, why, [debit('unapplied-patient-credit', amount, {}), credit(account, amount, {})]),
    post(to, why, [debit(account, amount, {}), credit('unapplied-patient-credit', amount, {})]),
  ];
}

/** The merge is undone: the credit goes back to where it came from. */
export const mergeReversed = (moved: Entry, { id, on, cause }: Pick<Head, 'id' | 'on' | 'cause'>): Entry =>
  reversal(moved, { id, on, cause, reason: 'merge-reversed', text: 'the merge was undone' });

/** The entries of a merge (Basic/1) on an Account that stand. */
export function mergedBy(journal: readonly Entry[], merge: string): Entry[] {
  const gone = new Set(journal.map((e) => e.reverses));
  return journal.filter(
    (e) => e.reason === 'account-merged' && !gone.has(e.id) && e.cause.startsWith(`${merge}/`),
  );
}
