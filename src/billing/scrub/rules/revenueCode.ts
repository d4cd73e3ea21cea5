import { isRevenueCode } from '../../../terminology/revenueCode.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Every institutional line has a revenue code of four digits; those of other claims have none (SV201). */
export const revenueCode: ScrubRule = {
  id: 'revenue-code',
  source: 'billing rule 37; 837I SV201, revenue codes as published by CMS',
  carc: '16',
  cure: 'Give the line of the charge master its revenue code.',
  severity: 'error',
  check: ({ lines, form }) =>
    lines.flatMap(({ at, item, revenue }) =>
      form === 'institutional'
        ? unless(
            revenue !== undefined && revenue !== '0001' && isRevenueCode(revenue),
            `${at}.revenue`,
            'this line has no revenue code that CMS publishes',
          )
        : unless(
            form === undefined || item.revenue === undefined,
            `${at}.revenue`,
            `a line of a claim of type ${form ?? ''} has no revenue code`,
            'warning',
          ),
    ),
};
