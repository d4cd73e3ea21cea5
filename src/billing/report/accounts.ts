import type { LedgerAccount } from '../../datatypes/entry.ts';

/** What an account of the ledger is in the statement of income. */
export type Line = 'gross-revenue' | 'other-revenue' | 'adjustments' | 'expense';

/** Every account: its line of income, or that it is what the practice has or owes. */
const lines: Readonly<Record<LedgerAccount, Line | 'balance'>> = {
  cash: 'balance',
  'receivable-unbilled': 'balance',
  'receivable-insurance-open': 'balance',
  'receivable-insurance-pended': 'balance',
  'receivable-insurance-denied': 'balance',
  'receivable-patient-not-invoiced': 'balance',
  'receivable-patient-invoiced': 'balance',
  'receivable-patient-returned': 'balance',
  'unapplied-patient-credit': 'balance',
  'unapplied-payer-credit': 'balance',
  'refunds-payable': 'balance',
  revenue: 'gross-revenue',
  'capitation-revenue': 'other-revenue',
  'incentive-revenue': 'other-revenue',
  'interest-income': 'other-revenue',
  'contractual-adjustment': 'adjustments',
  'qmb-cost-share': 'adjustments',
  'denial-write-off': 'adjustments',
  'charity-adjustment': 'adjustments',
  'self-pay-discount': 'adjustments',
  'prompt-pay-discount': 'adjustments',
  'small-balance-adjustment': 'adjustments',
  'capitation-adjustment': 'adjustments',
  'penalty-adjustment': 'adjustments',
  'bad-debt-expense': 'expense',
  'other-expense': 'expense',
  'interest-expense': 'expense',
  'unidentified-payer-cash': 'balance',
  'payer-recoupment': 'balance',
  'forwarding-balance': 'balance',
  'withhold-receivable': 'balance',
  'tax-withheld': 'balance',
  'unclassified-payer-adjustment': 'balance',
  'merged-accounts': 'balance',
  'opening-balance': 'balance',
};

/** The line of income that an account belongs to; undefined for what the practice has or owes. */
export function lineOf(account: LedgerAccount): Line | undefined {
  const line = lines[account];
  return line === 'balance' ? undefined : line;
}

export const isOfIncome = (account: LedgerAccount): boolean => lineOf(account) !== undefined;

/** What the practice owes, though not to its suppliers: credits of patients and payers. */
export const credits: readonly LedgerAccount[] = [
  'unapplied-patient-credit',
  'unapplied-payer-credit',
  'refunds-payable',
];
