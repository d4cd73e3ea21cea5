import { moneyOf } from '../money.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Every amount is in US dollars. */
export const moneyUsd: ScrubRule = {
  id: 'money-usd',
  source: 'billing rule 10; 837 CUR, US dollars where it is absent',
  carc: '16',
  cure: 'Write amounts in USD.',
  severity: 'error',
  check: ({ claim }) =>
    moneyOf(claim).flatMap(({ at, money }) =>
      unless((money.currency ?? 'USD') === 'USD', `${at}.currency`, 'this amount is not in US dollars'),
    ),
};
