import type { Money } from '@medplum/fhirtypes';
import { centsOf, type Cents } from '../../datatypes/cents.ts';
import { wrongValue, type Issue } from '../../outcome/issue.ts';

/** An amount of US dollars and whole cents above zero, or what is wrong with it. `at` is its FHIRPath. */
export function readAmount(money: Money | undefined, at: string): Cents | Issue {
  if (money?.value === undefined) return wrongValue('amount-missing', at, 'the amount has no value');
  if ((money.currency ?? 'USD') !== 'USD') {
    return wrongValue('currency-not-billed', `${at}.currency`, 'amounts are in USD here');
  }
  const amount = centsOf(money);
  if (amount === undefined) {
    return wrongValue('finer-than-a-cent', `${at}.value`, 'the amount is finer than a cent');
  }
  return amount > 0
    ? amount
    : wrongValue('amount-not-positive', `${at}.value`, 'the amount must be above zero');
}
