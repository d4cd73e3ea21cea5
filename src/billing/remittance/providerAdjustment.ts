import type { LedgerAccount } from '../../datatypes/entry.ts';
import type { AdviceProviderAdjustment } from './advice.ts';

/** What becomes of a provider-level adjustment. */
export interface AdjustmentAccount {
  readonly account: LedgerAccount;
  /** `claim`: its reference names a claim; `trace`: it names the 835 that made it. */
  readonly of?: 'claim' | 'trace';
  readonly text: string;
}

const taken = (account: LedgerAccount, text: string, of?: AdjustmentAccount['of']): AdjustmentAccount => ({
  account,
  text,
  ...(of === undefined ? {} : { of }),
});

/**
 * PLB03-1 to the account that stands against the money, by sign where it matters: `+` takes money, `-` brings it.
 * Billing rule 63 gives the signs of WO, FB, 72 and L6 only; every other code is posted by its sign as it comes.
 */
const table: Readonly<Record<string, AdjustmentAccount>> = {
  WO: taken('payer-recoupment', 'overpayment recovered by the payer', 'claim'),
  FB: taken('forwarding-balance', 'balance carried between remittances', 'trace'),
  '72': taken('refunds-payable', 'the payer acknowledges our refund', 'claim'),
  'L6-': taken('interest-income', 'interest paid by the payer'),
  'L6+': taken('interest-expense', 'interest taken by the payer'),
  '51': taken('interest-expense', 'interest penalty'),
  IR: taken('tax-withheld', 'tax withheld by the payer'),
  E3: taken('withhold-receivable', 'withheld by contract'),
  CT: taken('capitation-revenue', 'capitation payment'),
  CR: taken('capitation-revenue', 'interest on capitation'),
  IP: taken('incentive-revenue', 'incentive payment'),
  BN: taken('incentive-revenue', 'bonus'),
  '50': taken('penalty-adjustment', 'charge for late filing'),
  L3: taken('penalty-adjustment', 'penalty'),
};

/** The account of a provider-level adjustment; `unclassified` needs a person to decide. */
export function accountOf({
  code,
  amount,
}: Pick<AdviceProviderAdjustment, 'code' | 'amount'>): AdjustmentAccount & {
  readonly isUnclassified: boolean;
} {
  const row = table[code] ?? table[`${code}${amount < 0 ? '-' : '+'}`];
  return row ? { ...row, isUnclassified: false } : unclassified(code);
}

const unclassified = (code: string): AdjustmentAccount & { readonly isUnclassified: true } => ({
  account: 'unclassified-payer-adjustment',
  text: `provider adjustment ${code}`,
  isUnclassified: true,
});
