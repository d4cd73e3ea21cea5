import type { LedgerAccount } from '../../datatypes/entry.ts';

/** What an account of the ledger is in the statement of income. */
export type Line = 'gross-revenue' | 'other-revenue' | 'adjustments' | 'expense';

const lines: Readonly<Partial<Record<LedgerAccount, Line>>> = {
  revenue: 'gross-revenue',
  'capitation-revenue': 'other-revenue',
  'incentive-revenue': 'other-revenue',
  'interest-income': 'other-revenue',
  'contractual-adjustment': 'adjustments',
  'qmb-cost-share': 'adjustments',
  'denial-write-off': 'adjustments',
  'charity-adjustment': 'adjustments',
  'self-pay-discount': 'adjustments',
  'small-balance-adjustment': 'adjustments',
  'capitation-adjustment': 'adjustments',
  'penalty-adjustment': 'adjustments',
  'bad-debt-expense': 'expense',
  'other-expense': 'expense',
  'interest-expense': 'expense',
};

/** The line of income that an account belongs to; undefined for what the practice has or owes. */
export const lineOf = (account: LedgerAccount): Line | undefined => lines[account];

export const isOfIncome = (account: LedgerAccount): boolean => lines[account] !== undefined;

/** What the practice owes, though not to its suppliers: credits of patients and payers. */
export const credits: readonly LedgerAccount[] = [
  'unapplied-patient-credit',
  'unapplied-payer-credit',
  'refunds-payable',
];
