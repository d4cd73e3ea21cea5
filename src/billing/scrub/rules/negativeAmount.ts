import { moneyOf } from '../money.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** No amount is negative; zero is allowed (CLM02, SV102, SV203). */
export const negativeAmount: ScrubRule = {
  id: 'negative-amount',
  source: 'billing rules 12 and 15; 837 CLM02',
  carc: '16',
  cure: 'Void or replace the claim instead of billing a negative amount.',
  severity: 'error',
  check: ({ claim }) =>
    moneyOf(claim).flatMap(({ at, money }) => unless((money.value ?? 0) >= 0, at, 'this amount is negative')),
};
