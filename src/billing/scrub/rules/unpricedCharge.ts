import { amountOf } from '../money.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Every line has an amount, and every charge that it bills a price in whole cents. */
export const unpricedCharge: ScrubRule = {
  id: 'unpriced-charge',
  source: 'billing rule 40; 837 SV102 and SV203',
  carc: '16',
  cure: 'Price the code in the charge master and capture the charges again.',
  severity: 'error',
  check: ({ lines }) =>
    lines.flatMap(({ item, at, charges }) => [
      ...unless(item.net !== undefined, `${at}.net`, 'this line has no amount'),
      ...charges.flatMap((c) =>
        unless(
          c.charge === undefined || amountOf(c.charge.priceOverride) !== undefined,
          c.at,
          'a charge of this line has no price in whole cents of US dollars',
        ),
      ),
    ]),
};
