import type { CodeableConcept, InsurancePlan, Organization } from '@medplum/fhirtypes';
import { cents, rateOf, toDecimal, toMoney, type Cents } from '../../../datatypes/cents.ts';
import { concept } from '../../../datatypes/coding.ts';
import { system } from '../../../terminology/system.ts';
import { prices } from './price.ts';

/** A plan of the year's practice. Rates are basis points of the practice's price; amounts are cents. */
interface PlanTerms {
  readonly name: string;
  readonly payer: string; // id of the Organization
  readonly fees: number; // of the price
  readonly coinsurance: number;
  readonly copay?: number;
  readonly deductible?: number; // of a calendar year
  readonly covers?: readonly string[]; // codes that it does not leave out; none: all
  readonly leavesOut?: readonly string[]; // codes that it does not pay
  readonly authorization?: readonly string[];
  readonly documentation?: readonly string[];
  readonly filingDays: number;
  readonly type: readonly [string, string]; // v3-ActCode and Source of Payment Typology
  readonly answers: number; // days from claim to answer
}

/**
 * A year's amounts must not depend on when January falls in it: a deductible is met before the first visit, or by no
 * visits of one year, or crossed by a patient's only visit.
 */
const terms = {
  choice: { name: 'Juniper Choice', payer: 'juniper-ridge', fees: 7200, coinsurance: 2000, copay: 2500, deductible: 150_000, filingDays: 180, type: ['PPO', '512'], answers: 14 },
  hsa: { name: 'Juniper Saver', payer: 'juniper-ridge', fees: 7200, coinsurance: 2000, deductible: 650_000, filingDays: 180, type: ['PPO', '517'], answers: 14 },
  harbor: { name: 'Harbor HMO', payer: 'harbor-mutual', fees: 6600, coinsurance: 0, copay: 3000, authorization: ['J7325'], filingDays: 90, type: ['HMO', '511'], answers: 9 },
  granite: { name: 'Granite Preferred', payer: 'granite-trust', fees: 7000, coinsurance: 1000, leavesOut: ['S8101'], filingDays: 120, type: ['PPO', '512'], answers: 18 },
  lakeshore: { name: 'Lakeshore Employees Plan', payer: 'lakeshore-fund', fees: 8000, coinsurance: 2000, filingDays: 365, type: ['PPO', '513'], answers: 21 },
  senior: { name: 'Senior Medical', payer: 'federal-senior', fees: 5800, coinsurance: 2000, deductible: 25_700, filingDays: 365, type: ['PUBLICPOL', '121'], answers: 14 },
  family: { name: 'Family Care Plus', payer: 'state-family', fees: 4500, coinsurance: 0, documentation: ['S8101'], filingDays: 365, type: ['SUBSIDIZ', '2'], answers: 10 },
} as const satisfies Readonly<Record<string, PlanTerms>>;

export type PlanName = keyof typeof terms | 'none';
export type InsuredPlan = keyof typeof terms;

export const termsOf = (name: InsuredPlan): PlanTerms => terms[name];
/** What Coverage.class and the payer's enrolment call the plan. */
export const planId = (name: InsuredPlan): string => `year-${name}`;

const rule = (code: string): CodeableConcept => concept(system.benefitRule, code);
const service = (code: string): CodeableConcept => concept(system.hcpcs, code);
const dollars = (value: Cents) => ({ value: toDecimal(value), system: system.currency, code: 'USD', unit: 'USD' });
const percent = (basisPoints: number) => ({ value: toDecimal(cents(basisPoints)), system: system.ucum, code: '%', unit: '%' });

/** The rules of the plan as its payer keeps them: a fee for each code of the charge master that it pays. */
export function insurancePlan(name: InsuredPlan): InsurancePlan {
  const of = termsOf(name);
  const left = new Set(of.leavesOut ?? []);
  const listed = prices.filter(({ code }) => !left.has(code));
  const fees = listed.map(({ code, price }) => ({
    type: service(code),
    cost: [{ type: rule('fee'), value: dollars(rateOf(of.fees, cents(price))) }],
  }));
  const whole = [
    { type: rule('any'), cost: [{ type: rule('coinsurance'), value: percent(of.coinsurance) }] },
    ...(of.copay === undefined
      ? []
      : [{ type: rule('visit'), cost: [{ type: rule('copay'), value: dollars(cents(of.copay)) }] }]),
  ];
  const coverage = (type: string, codes: readonly string[]) =>
    codes.length === 0 ? [] : [{ type: rule(type), benefit: codes.map((code) => ({ type: service(code) })) }];
  const identifier = [{ system: system.planId, value: planId(name) }];
  return {
    resourceType: 'InsurancePlan',
    id: planId(name),
    identifier,
    status: 'active',
    name: of.name,
    ownedBy: { reference: `Organization/${of.payer}` },
    coverage: [
      ...coverage('visit', of.copay === undefined ? [] : ['T1015']),
      ...coverage('preventive', ['Q2038', 'G0008', 'G0439', 'G0444']),
      ...coverage('prior-authorization', of.authorization ?? []),
      ...coverage('documentation', of.documentation ?? []),
      { type: rule('claim-rules'), benefit: [filing(of.filingDays), { type: rule('standard') }] },
    ],
    plan: [
      {
        identifier,
        ...(of.deductible === undefined
          ? {}
          : { generalCost: [{ type: rule('deductible'), cost: toMoney(cents(of.deductible)) }] }),
        specificCost: [{ category: rule('fee-schedule'), benefit: [...fees, ...whole] }],
      },
    ],
  };
}

const filing = (days: number) => ({
  type: rule('timely-filing'),
  limit: [{ value: { value: days, system: system.ucum, code: 'd', unit: 'd' } }],
});

/** The payers that only this practice knows; the others are those of the demo. */
export const payers = (): Organization[] => [
  payer('harbor-mutual', 'HRB01', 'Harbor Mutual', ['18 Wharf Street', 'Portland', 'ME', '04101-4711']),
  payer('granite-trust', 'GRT01', 'Granite Trust', ['7 Quarry Road', 'Concord', 'NH', '03301-2210']),
  payer('lakeshore-fund', 'LKS01', 'Lakeshore Employees Fund', ['90 Lake Avenue', 'Burlington', 'VT', '05401-5516']),
];

function payer(id: string, number: string, name: string, [line, city, state, postalCode]: readonly [string, string, string, string]): Organization {
  const typed = (code: string): CodeableConcept => concept(system.c4bbIdentifierType, code);
  return {
    resourceType: 'Organization',
    id,
    identifier: [{ type: typed('payerid'), system: system.payerId, value: number }],
    active: true,
    type: [concept('http://terminology.hl7.org/CodeSystem/organization-type', 'pay', 'Payer')],
    name,
    address: [{ line: [line], city, state, postalCode, country: 'US' }],
  };
}
