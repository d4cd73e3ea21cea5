import type { CodeableConcept, InsurancePlan } from '@medplum/fhirtypes';
import { cents, toDecimal, type Cents } from '../datatypes/cents.ts';
import { concept } from '../datatypes/coding.ts';
import { system } from '../terminology/system.ts';
import { readPlan, type Plan } from './plan.ts';

const rule = (code: string): CodeableConcept => concept(system.benefitRule, code);

/** What a plan without a fee schedule of its own is made of. Rates are basis points. */
export interface GenericPlan {
  readonly name: string;
  readonly identifier: string;
  readonly ownedBy?: string; // Organization/x
  readonly percentOfCharge: number;
  readonly coinsurance: number;
  readonly deductible?: Cents;
  readonly limit?: Cents;
}

/** An InsurancePlan that allows a share of every charge: for payers of which only the name is known. */
export function genericPlan(plan: GenericPlan): InsurancePlan {
  const { deductible, limit } = plan;
  const cost = (type: string, basisPoints: number) => ({
    type: rule(type),
    value: { value: toDecimal(cents(basisPoints)), system: system.ucum, code: '%', unit: '%' },
  });
  const general = (type: string, amount: Cents | undefined) =>
    amount === undefined
      ? []
      : [{ type: rule(type), cost: { value: toDecimal(amount), currency: 'USD' as const } }];
  const generalCost = [...general('deductible', deductible), ...general('out-of-pocket-limit', limit)];
  return {
    resourceType: 'InsurancePlan',
    status: 'active',
    name: plan.name,
    identifier: [{ system: system.planId, value: plan.identifier }],
    ...(plan.ownedBy === undefined ? {} : { ownedBy: { reference: plan.ownedBy } }),
    plan: [
      {
        ...(generalCost.length === 0 ? {} : { generalCost }),
        specificCost: [
          {
            category: rule('fee-schedule'),
            benefit: [
              {
                type: rule('any'),
                cost: [
                  cost('percent-of-charge', plan.percentOfCharge),
                  cost('coinsurance', plan.coinsurance),
                ],
              },
            ],
          },
        ],
      },
    ],
  };
}

/** How a claim is judged when its payer has no InsurancePlan here: 80 % of charge allowed, 20 % coinsurance. */
export const defaultPlan: Plan = readPlan(
  genericPlan({
    name: 'Plan of a payer without rules',
    identifier: 'default',
    percentOfCharge: 8000,
    coinsurance: 2000,
  }),
);
