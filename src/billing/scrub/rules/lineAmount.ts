import { sum } from '../../../datatypes/cents.ts';
import { amountOf, productOf } from '../money.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** The amount of a line is the sum of its charges, or units times price when it names none (SV102). */
export const lineAmount: ScrubRule = {
  id: 'line-amount',
  source: 'billing rules 12 and 40; 837 SV102 and SV203',
  carc: '16',
  cure: 'Generate the claim again from its charges.',
  severity: 'error',
  check: ({ lines }) =>
    lines.flatMap(({ item, at, charges, units }) => {
      const net = amountOf(item.net);
      const product = item.factor === undefined ? productOf(units, amountOf(item.unitPrice)) : undefined;
      if (net === undefined) return [];
      if (charges.length > 0) {
        const priced = charges.flatMap((c) => amountOf(c.charge?.priceOverride) ?? []);
        return unless(
          priced.length < charges.length || net === sum(priced),
          `${at}.net`,
          'the amount of this line is not the sum of its charges',
        );
      }
      return unless(
        product === undefined || net === product,
        `${at}.net`,
        'the amount of this line is not units times price',
      );
    }),
};
