import { add, least, most, rateOf, subtract, sum, zero, type Cents } from '../../datatypes/cents.ts';
import type { Adjustment, BenefitRules, Used } from './benefit.ts';

/** The member's share of one allowed amount. */
export interface CostShare {
  readonly copay: Cents;
  readonly deductible: Cents;
  readonly coinsurance: Cents;
  readonly cut: boolean; // the out-of-pocket limit took a part of it back
}

/** What kind of line it is: a visit takes its copay once per claim, a preventive service costs
 * nothing, a drug may have a copay of its own. */
export type LineKind = 'visit' | 'furtherVisit' | 'preventive' | 'other' | { readonly copay: Cents };

export const noShare: CostShare = { copay: zero, deductible: zero, coinsurance: zero, cut: false };

/** Copay, deductible and coinsurance of an allowed amount, within the out-of-pocket limit. Billing rule 51. */
export function costShare(kind: LineKind, allowed: Cents, rules: BenefitRules, used: Used): CostShare {
  if (kind === 'preventive' || kind === 'furtherVisit') return noShare;
  if (kind === 'visit' || typeof kind === 'object') {
    const copay = typeof kind === 'object' ? kind.copay : rules.visitCopay;
    return withinLimit({ ...noShare, copay: least(allowed, copay) }, rules, used);
  }
  const deductible = least(allowed, most(zero, subtract(rules.deductible, used.deductible)));
  const coinsurance = rateOf(rules.coinsurance, subtract(allowed, deductible));
  return withinLimit({ copay: zero, deductible, coinsurance, cut: false }, rules, used);
}

/** The share of an inpatient stay paid by case rate: deductible of the benefit period, then coinsurance. */
export function inpatientShare(allowed: Cents, rules: BenefitRules, used: Used): CostShare {
  const [whole, taken] =
    rules.inpatientDeductible === undefined
      ? [rules.deductible, used.deductible]
      : [rules.inpatientDeductible, used.inpatientDeductible];
  const deductible = least(allowed, most(zero, subtract(whole, taken)));
  const coinsurance = rateOf(rules.inpatientCoinsurance, subtract(allowed, deductible));
  return withinLimit({ copay: zero, deductible, coinsurance, cut: false }, rules, used);
}

/** What exceeds the rest of the limit is taken back from coinsurance, then deductible, then copay. */
function withinLimit(share: CostShare, rules: BenefitRules, used: Used): CostShare {
  if (rules.limit === undefined) return share;
  const left = most(zero, subtract(rules.limit, used.limit));
  const copay = least(share.copay, left);
  const deductible = least(share.deductible, subtract(left, copay));
  const coinsurance = least(share.coinsurance, subtract(left, add(copay, deductible)));
  const cut = shareTotal({ copay, deductible, coinsurance }) < shareTotal(share);
  return { copay, deductible, coinsurance, cut };
}

export const shareTotal = (s: Pick<CostShare, 'copay' | 'deductible' | 'coinsurance'>): Cents =>
  sum([s.copay, s.deductible, s.coinsurance]);

/** PR-1, PR-2 and PR-3 of a share; what is zero is left out. */
export const shareAdjustments = (s: CostShare): Adjustment[] =>
  (
    [
      ['3', s.copay],
      ['1', s.deductible],
      ['2', s.coinsurance],
    ] as const
  )
    .filter(([, amount]) => amount !== 0)
    .map(([reason, amount]) => ({ group: 'PR', reason, amount }));

/** What the member has used after a share; `inpatient` tells which deductible it went to. */
export const afterShare = (used: Used, share: CostShare, inpatient = false): Used => ({
  ...used,
  deductible: inpatient ? used.deductible : add(used.deductible, share.deductible),
  limit: add(used.limit, shareTotal(share)),
  inpatientDeductible: inpatient ? add(used.inpatientDeductible, share.deductible) : used.inpatientDeductible,
});
