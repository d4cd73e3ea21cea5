import { least, rateOf, times, type Cents } from '../../datatypes/cents.ts';
import type { BenefitRules, Line } from './benefit.ts';

const bilateralModifier = '50';
const once = 10_000; // basis points

/**
 * What the plan recognises of a charge: the smaller of charge and fee, or of a share of the charge where the code
 * has no fee. With modifier 50 the fee is multiplied as the plan says for the code (billing rule 52). Undefined when
 * the plan does not cover the code. Billing rule 50.
 */
export function allowed(line: Line, rules: BenefitRules): Cents | undefined {
  const fee = line.code === undefined ? undefined : rules.fees.get(line.code);
  if (fee !== undefined) return least(line.charge, rateOf(sides(line, rules), times(line.units, fee)));
  if (rules.percentOfCharge === undefined) return undefined;
  return least(line.charge, rateOf(rules.percentOfCharge, line.charge));
}

function sides({ code = '', modifiers = [] }: Line, { bilateral }: BenefitRules): number {
  if (!modifiers.includes(bilateralModifier)) return once;
  return bilateral?.get(code) ?? bilateral?.get('any') ?? once;
}
