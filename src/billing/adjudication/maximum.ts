import { add, least, most, subtract, zero, type Cents } from '../../datatypes/cents.ts';
import type { Adjustment, BenefitRules, Decision, Used } from './benefit.ts';

/** What exceeds the plan's yearly maximum is the member's (CARC 119). */
export function withinMaximum(
  decision: Decision,
  { rules: { maximum }, used }: { readonly rules: BenefitRules; readonly used: Used },
): Decision {
  if (maximum === undefined) return decision;
  const paid = least(decision.paid, most(zero, subtract(maximum, used.paid ?? zero)));
  const excess = subtract(decision.paid, paid);
  if (excess <= 0) return decision;
  const reached: Adjustment = { group: 'PR', reason: '119', amount: excess };
  return { ...decision, paid, adjustments: [...decision.adjustments, reached] };
}

/** What the plan has paid of its yearly maximum, where it has one. */
export const afterPaid = (used: Used, paid: Cents, { maximum }: BenefitRules): Used =>
  maximum === undefined ? used : { ...used, paid: add(used.paid ?? zero, paid) };
