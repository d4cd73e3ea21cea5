import { least, rateOf, times, type Cents } from '../../datatypes/cents.ts';
import type { BenefitRules, Line } from './benefit.ts';

/**
 * What the plan recognises of a charge: the smaller of charge and fee, or of a share of the charge where the code
 * has no fee. Undefined when the plan does not cover the code. Billing rule 50.
 */
export function allowed(line: Line, rules: BenefitRules): Cents | undefined {
  const fee = line.code === undefined ? undefined : rules.fees.get(line.code);
  if (fee !== undefined) return least(line.charge, times(line.units, fee));
  if (rules.percentOfCharge === undefined) return undefined;
  return least(line.charge, rateOf(rules.percentOfCharge, line.charge));
}
