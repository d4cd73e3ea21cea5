import { negate, zero, add, type Cents } from '../../datatypes/cents.ts';
import type { Entry, Posting } from '../../datatypes/entry.ts';

/** Credit that stands, and since which day some of it has stood without a break; undefined for none. */
export function creditSince(
  journal: readonly Entry[],
  isCredit: (posting: Posting) => boolean,
): { readonly amount: Cents; readonly since: string } | undefined {
  const moved = new Map<string, Cents>(); // by day
  for (const { on, postings } of journal)
    for (const p of postings) if (isCredit(p)) moved.set(on, add(moved.get(on) ?? zero, negate(p.amount)));
  let amount = zero;
  let since: string | undefined;
  for (const day of [...moved.keys()].sort()) {
    amount = add(amount, moved.get(day) ?? zero);
    if (amount <= 0) since = undefined;
    else since ??= day;
  }
  return since === undefined ? undefined : { amount, since };
}
