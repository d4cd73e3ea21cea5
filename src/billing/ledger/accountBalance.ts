import { add, negate, subtract, sum, zero, type Cents } from '../../datatypes/cents.ts';
import type { Entry, LedgerAccount } from '../../datatypes/entry.ts';
import { groups } from './balance.ts';

/** Which figure of a balance a ledger account belongs to. */
export const parts = {
  'receivable-unbilled': 'unbilled',
  'receivable-insurance-open': 'open',
  'receivable-insurance-pended': 'pended',
  'receivable-insurance-denied': 'denied',
  'receivable-patient-not-invoiced': 'notInvoiced',
  'receivable-patient-invoiced': 'invoiced',
  'receivable-patient-returned': 'invoiced',
  'unapplied-patient-credit': 'unapplied',
} as const satisfies Partial<Record<LedgerAccount, string>>;

type Shown = keyof typeof parts;
export type Part = (typeof parts)[Shown];
const isShown = (account: LedgerAccount): account is Shown => Object.hasOwn(parts, account);

/** What an entry did to one figure of an Account; it raises the figure when positive. */
export interface BalanceRow {
  readonly date: string;
  readonly reason: string;
  readonly source: string; // the resource version it came from
  readonly account: LedgerAccount;
  readonly part: Part;
  readonly amount: Cents;
}

/** What stands on an Account at the end of a day: total = insurance + patient - unapplied. */
export interface AccountBalance {
  readonly insurance: Cents;
  readonly patient: Cents;
  readonly invoiced: Cents;
  readonly unapplied: Cents;
  readonly total: Cents;
  readonly rows: readonly BalanceRow[];
}

/** Charges that are captured and not billed yet, at the end of a day, with their visits. */
export const unbilledCharges = (journal: readonly Entry[], asOf: string) =>
  groups(
    journal.filter((e) => e.on <= asOf),
    { account: 'receivable-unbilled' },
    ['encounter', 'charge'],
  );

/** The figures of an Account; `selfPay` names the unbilled charges that are the patient's own. */
export function accountBalance(
  journal: readonly Entry[],
  asOf: string,
  selfPay: ReadonlySet<string>,
): AccountBalance {
  const rows = journal.filter((e) => e.on <= asOf).flatMap(rowsOf);
  const total = (...wanted: readonly Part[]): Cents =>
    sum(rows.filter((r) => wanted.includes(r.part)).map((r) => r.amount));
  const own = sum(
    unbilledCharges(journal, asOf)
      .filter((line) => selfPay.has(line.charge ?? ''))
      .map((line) => line.amount),
  );
  const insurance = subtract(total('unbilled', 'open', 'pended', 'denied'), own);
  const patient = add(total('notInvoiced', 'invoiced'), own);
  const unapplied = total('unapplied');
  return {
    insurance,
    patient,
    invoiced: total('invoiced'),
    unapplied,
    total: subtract(add(insurance, patient), unapplied),
    rows,
  };
}

function rowsOf({ on, reason, cause, postings }: Entry): BalanceRow[] {
  const amounts = new Map<Shown, Cents>();
  for (const { account, amount } of postings) {
    if (!isShown(account)) continue;
    const raises = account === 'unapplied-patient-credit' ? negate(amount) : amount;
    amounts.set(account, add(amounts.get(account) ?? zero, raises));
  }
  return [...amounts]
    .filter(([, amount]) => amount !== 0)
    .map(([account, amount]) => ({ date: on, reason, source: cause, account, part: parts[account], amount }));
}
