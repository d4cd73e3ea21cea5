import type { Transaction } from '../../store/store.ts';

/**
 * Posting into a month that is over and closing it exclude each other. A posting takes one of a few locks of its
 * practice, by its Account, and closing takes them all, so that postings on several Accounts do not wait for each other.
 */
const shares = 16;

/** The furthest that a clock of the world is ahead of UTC, and more than a transaction lasts; milliseconds. */
const ahead = 14 * 3_600_000 + 300_000;

const lockName = (practice: string, share: number): string => `closing|${practice}|${share}`;

/** Taken before a posting asks which months are closed; a month that is not over anywhere cannot be closed. */
export async function lockPosting(
  tx: Transaction,
  of: { readonly practice: string; readonly account: string; readonly on: string; readonly now: string },
): Promise<void> {
  const latest = new Date(Date.parse(of.now) + ahead).toISOString();
  if (of.on.slice(0, 7) >= latest.slice(0, 7)) return;
  let sum = 0;
  for (const char of of.account) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 65_536;
  await tx.lock(lockName(of.practice, sum % shares));
}

/** Taken before months of a practice are closed or opened again. */
export async function lockClosing(tx: Transaction, practice: string): Promise<void> {
  for (let share = 0; share < shares; share += 1) await tx.lock(lockName(practice, share));
}
