import { least, rateOf, subtract, sum, times, zero, type Cents } from '../../datatypes/cents.ts';
import { compound } from '../../terminology/compound.ts';
import type { BenefitRules, Decision, DrugFill, Line } from './benefit.ts';

const bilateralModifier = '50';
const once = 10_000; // basis points

/**
 * What the plan recognises of a charge: the smaller of charge and fee, or of a share of the charge where the code
 * has no fee. With modifier 50 the fee is multiplied as the plan says for the code (billing rule 52). Undefined when
 * the plan does not cover the code. Billing rule 50.
 */
export function allowed(line: Line, rules: BenefitRules): Cents | undefined {
  const fee = line.drug ? fillFee(line.drug, rules) : serviceFee(line, rules);
  if (fee !== undefined) return least(line.charge, fee);
  if (rules.percentOfCharge === undefined) return undefined;
  return least(line.charge, rateOf(rules.percentOfCharge, line.charge));
}

function serviceFee(line: Line, rules: BenefitRules): Cents | undefined {
  const fee = line.code === undefined ? undefined : rules.fees.get(line.code);
  return fee === undefined ? undefined : rateOf(sides(line, rules), times(line.units, fee));
}

function sides({ code = '', modifiers = [] }: Line, { bilateral }: BenefitRules): number {
  if (!modifiers.includes(bilateralModifier)) return once;
  return bilateral?.get(code) ?? bilateral?.get('any') ?? once;
}

/** Ingredient cost and dispensing fee of a fill; undefined when the plan has no price for one of its drugs. */
function fillFee({ parts }: DrugFill, { fees, drugs }: BenefitRules): Cents | undefined {
  const costs = parts.flatMap(({ ndc, units }) => {
    const fee = fees.get(ndc);
    return fee === undefined ? [] : [times(units, fee)];
  });
  if (parts.length === 0 || costs.length < parts.length) return undefined;
  const making = parts.length > 1 ? (fees.get(compound) ?? zero) : zero;
  return sum([...costs, making, drugs?.dispensingFee ?? zero]);
}

/** What of the allowed amount of a fill is the dispensing fee, and what the drug. */
export function drugParts(line: Line, recognised: Cents, { drugs }: BenefitRules): Pick<Decision, 'drug'> {
  if (line.drug === undefined) return {};
  const dispensingFee = least(recognised, drugs?.dispensingFee ?? zero);
  return { drug: { ingredientCost: subtract(recognised, dispensingFee), dispensingFee } };
}
