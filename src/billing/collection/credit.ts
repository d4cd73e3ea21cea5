import { negate, zero, add, type Cents } from '../../datatypes/cents.ts';
import type { Entry, Posting } from '../../datatypes/entry.ts';

/** Credit that stands, and since which day some of it has stood without a break; undefined for none. */
export function creditSince(
  journal: readonly Entry[],
  isCredit: (posting: Posting) => boolean,
): { readonly amount: Cents; readonly since: string } | undefined {
  let amount = zero;
  let since: string | undefined;
  const days = [...new Set(journal.map((e) => e.on))].sort();
  for (const day of days) {
    for (const { on, postings } of journal)
      if (on === day) for (const p of postings) if (isCredit(p)) amount = add(amount, negate(p.amount));
    if (amount <= 0) since = undefined;
    else since ??= day;
  }
  return since === undefined ? undefined : { amount, since };
}
