import { changed } from '../../../datatypes/json.ts';
import { amountOf, moneyOf } from '../money.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Every amount is in whole cents. */
export const moneyCents: ScrubRule = {
  id: 'money-cents',
  source: 'billing rule 10; 837 amounts, type R',
  carc: '16',
  cure: 'Write amounts with at most two decimals.',
  severity: 'error',
  check: ({ claim }) =>
    moneyOf(claim).flatMap(({ at, money }) =>
      unless(
        amountOf(changed(money, { currency: 'USD' })) !== undefined,
        at,
        'this amount is missing, finer than a cent, or above 99,999,999.99',
      ),
    ),
};
