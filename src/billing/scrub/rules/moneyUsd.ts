import { moneyOf } from '../money.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Every amount is in US dollars. */
export const moneyUsd: ScrubRule = {
  id: 'money-usd',
  source: 'contract 6; 837 CUR is not used',
  carc: '16',
  cure: 'Write amounts in USD.',
  severity: 'error',
  check: ({ claim }) =>
    moneyOf(claim).flatMap(({ at, money }) =>
      unless((money.currency ?? 'USD') === 'USD', `${at}.currency`, 'this amount is not in US dollars'),
    ),
};
