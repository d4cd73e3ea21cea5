import { add, least, sum, zero, type Cents } from '../../datatypes/cents.ts';
import type { Entry, LedgerAccount, Posting } from '../../datatypes/entry.ts';
import { dimensions, type About, type Dimension } from './posting.ts';

/** Which postings count. A dimension that is not named may be anything. */
export interface Where extends About {
  readonly account: LedgerAccount | readonly LedgerAccount[];
}

/** A group of postings and what they add up to. */
export interface Group extends About {
  readonly amount: Cents;
}

const matches = (where: Where, p: Posting): boolean =>
  (typeof where.account === 'string' ? where.account === p.account : where.account.includes(p.account)) &&
  dimensions.every((d) => where[d] === undefined || where[d] === p[d]);

const until = (journal: readonly Entry[], asOf: string | undefined): readonly Entry[] =>
  asOf === undefined ? journal : journal.filter((e) => e.on <= asOf);

/** The balance at the end of a day (default: of all there is); debits are positive. */
export const balance = (journal: readonly Entry[], where: Where, asOf?: string): Cents =>
  sum(until(journal, asOf).flatMap((e) => e.postings.filter((p) => matches(where, p)).map((p) => p.amount)));

/** The balances of every ledger account at the end of a day; their sum is zero. */
export function trialBalance(journal: readonly Entry[], asOf?: string): Map<LedgerAccount, Cents> {
  const totals = new Map<LedgerAccount, Cents>();
  for (const { account, amount } of until(journal, asOf).flatMap((e) => e.postings)) {
    totals.set(account, add(totals.get(account) ?? zero, amount));
  }
  return totals;
}

/** Balances by some dimensions, in the order of the first posting; those of zero are left out. */
export function groups(
  journal: readonly Entry[],
  where: Where,
  by: readonly Dimension[],
): (Group & { readonly amount: Cents })[] {
  const found = new Map<string, { about: About; amount: Cents }>();
  for (const p of journal.flatMap((e) => e.postings)) {
    if (!matches(where, p)) continue;
    const key = by.map((d) => String(p[d] ?? '')).join('|');
    const known = found.get(key);
    if (known) known.amount = add(known.amount, p.amount);
    else found.set(key, { about: Object.fromEntries(by.map((d) => [d, p[d]])), amount: p.amount });
  }
  return [...found.values()].filter((g) => g.amount !== 0).map((g) => ({ ...g.about, amount: g.amount }));
}

/** The lowest debit balance from a day on: what can be taken at that day without any later day falling below zero. */
export function lowestFrom(journal: readonly Entry[], where: Where, on: string): Cents {
  const days = [...new Set(journal.map((e) => e.on))].filter((day) => day > on);
  return least(balance(journal, where, on), ...days.map((day) => balance(journal, where, day)));
}

/** What a visit's charges still wait for before it is known what the patient owes: unbilled, or with a payer. */
export const waiting = (journal: readonly Entry[], encounter: string): Cents =>
  balance(journal, {
    encounter,
    account: [
      'receivable-unbilled',
      'receivable-insurance-open',
      'receivable-insurance-pended',
      'receivable-insurance-denied',
    ],
  });

/** What stands on a claim with its payer, by line. */
export const placedOn = (
  journal: readonly Entry[],
  claim: string,
  part: 'open' | 'pended' | 'denied' = 'open',
): Group[] => groups(journal, { account: `receivable-insurance-${part}`, claim }, ['encounter', 'item']);
