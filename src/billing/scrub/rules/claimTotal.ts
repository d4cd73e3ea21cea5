import { sum } from '../../../datatypes/cents.ts';
import { amountOf } from '../money.ts';
import { fault, unless, type ScrubRule } from '../rule.ts';

/** The total of the claim is exactly the sum of its lines (CLM02). */
export const claimTotal: ScrubRule = {
  id: 'claim-total',
  source: 'billing rule 12; 837 CLM02',
  carc: '16',
  cure: 'Make Claim.total the sum of Claim.item.net.',
  severity: 'error',
  check: ({ claim, lines }) => {
    if (claim.total === undefined) return [fault('Claim.total', 'the claim has no total')];
    const total = amountOf(claim.total);
    const nets = lines.map((l) => amountOf(l.item.net));
    const known = nets.flatMap((n) => n ?? []);
    if (total === undefined || known.length < nets.length) return []; // money-usd, money-cents and unpriced-charge say so
    return unless(total === sum(known), 'Claim.total', 'the total of the claim is not the sum of its lines');
  },
};
