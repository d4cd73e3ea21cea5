import { least, most, subtract, zero, type Cents } from '../../datatypes/cents.ts';
import type { Adjustment, BenefitRules, Decision, Prior } from './benefit.ts';
import { shareAdjustments, shareTotal, type CostShare } from './costShare.ts';

/** What a later payer has to go by. */
export interface SecondaryBasis {
  readonly charge: Cents;
  readonly allowed: Cents; // its own
  readonly share: CostShare; // the member's share if it were the only payer
  readonly prior: Prior;
}

/**
 * A later payer pays the smallest of its own normal benefit, its own allowed less what was paid before, and what was
 * left to the member (carve-out: its normal benefit less what was paid before). OA-23 is what the earlier payer
 * settled; what then remains is PR. Billing rules 47 and 48.
 */
export function secondary(
  { charge, allowed, share, prior }: SecondaryBasis,
  method: BenefitRules['coordination'],
): { decision: Decision; owed: CostShare } {
  const normal = subtract(allowed, shareTotal(share));
  const mostPaid =
    method === 'carve-out' ? subtract(normal, prior.paid) : least(normal, subtract(allowed, prior.paid));
  const paid = most(zero, least(mostPaid, prior.patient));
  const remaining = subtract(prior.patient, paid);
  const owed = upTo(share, remaining);
  const uncovered = subtract(remaining, shareTotal(owed));
  const settled = subtract(charge, prior.patient);
  const adjustments: Adjustment[] = [
    ...(settled === 0 ? [] : [{ group: 'OA', reason: '23', amount: settled } as const]),
    ...shareAdjustments(owed),
    ...(uncovered === 0 ? [] : [{ group: 'PR', reason: '275', amount: uncovered } as const]),
  ];
  return { decision: { charge, allowed, paid, adjustments, remarks: [] }, owed };
}

/** The part of a share that a remaining amount still holds: copay, then deductible, then coinsurance. */
function upTo(share: CostShare, remaining: Cents): CostShare {
  const copay = least(share.copay, remaining);
  const deductible = least(share.deductible, subtract(remaining, copay));
  const coinsurance = least(share.coinsurance, subtract(subtract(remaining, copay), deductible));
  return { copay, deductible, coinsurance, cut: share.cut };
}
