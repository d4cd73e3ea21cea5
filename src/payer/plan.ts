import type {
  CodeableConcept,
  InsurancePlan,
  InsurancePlanCoverageBenefit,
  InsurancePlanPlan,
  Quantity,
} from '@medplum/fhirtypes';
import type { BenefitRules, DrugTier } from '../billing/adjudication/benefit.ts';
import { centsOf, exactCents, zero, type Cents } from '../datatypes/cents.ts';
import { codeOf, codingOf } from '../datatypes/coding.ts';
import { filingAnchors, filingKinds, type FilingLimit } from '../datatypes/filing.ts';
import { idOf } from '../datatypes/reference.ts';
import { acceptedLineSystems, plainCode } from '../terminology/serviceCode.ts';
import { system } from '../terminology/system.ts';

/** A plan as its payer reads it: the arithmetic of its benefits, and what a claim must bring. */
export interface Plan extends BenefitRules {
  readonly id: string; // the plan's identifier value, as Coverage.class names it
  readonly owner?: string; // Organization id of the payer
  /** Codes that need a prior authorisation, each with the codes that fall with it. */
  readonly authorization: ReadonlyMap<string, ReadonlySet<string>>;
  readonly documentation: ReadonlySet<string>; // codes for which a document must be attached
  readonly filing: readonly FilingLimit[]; // times to file, by kind of claim
  readonly coverageChange?: 'admission' | 'split' | 'entitlement'; // how a stay is billed whose coverage changes
  readonly sameDayStay: 'one' | 'none'; // days of a stay that ends on the day it began
}

type BenefitLimit = NonNullable<InsurancePlanCoverageBenefit['limit']>[number];

function serviceCode(concept: CodeableConcept | undefined): string | undefined {
  const coding = codingOf(concept, ...acceptedLineSystems);
  return coding?.code && plainCode(coding.system ?? '', coding.code);
}

/** Reads the rules out of an InsurancePlan. The shape is documented in docs/model.md. */
export function readPlan(plan: InsurancePlan): Plan {
  const benefits = (rule: string): InsurancePlanCoverageBenefit[] =>
    plan.coverage?.filter((c) => codeOf(c.type, system.benefitRule) === rule).flatMap((c) => c.benefit) ?? [];
  const codes = (rule: string): Set<string> =>
    new Set(benefits(rule).flatMap((b) => serviceCode(b.type) ?? []));
  const owner = idOf(plan.ownedBy, 'Organization');
  const claimRule = (code: string): InsurancePlanCoverageBenefit | undefined =>
    benefits('claim-rules').find((b) => codeOf(b.type, system.benefitRule) === code);
  const filing = claimRule('timely-filing');
  const change = (['admission', 'split', 'entitlement'] as const).find((way) =>
    claimRule(`coverage-change-${way}`),
  );
  return {
    id: plan.identifier?.[0]?.value ?? plan.id ?? '',
    ...(owner === undefined ? {} : { owner }),
    ...readCosts(plan),
    ...drugsOf(plan, { brand: codes('brand-drugs'), generic: codes('generic-drugs') }),
    bilateral: bilateralOf(benefits('bilateral')),
    visits: codes('visit'),
    preventive: codes('preventive'),
    coordination: claimRule('carve-out') ? 'carve-out' : 'standard',
    authorization: new Map(
      benefits('prior-authorization').flatMap((b) => {
        const code = serviceCode(b.type);
        return code === undefined ? [] : [[code, fallsWith(b)] as const];
      }),
    ),
    documentation: codes('documentation'),
    ...(change === undefined ? {} : { coverageChange: change }),
    sameDayStay: claimRule('same-day-none') ? 'none' : 'one',
    filing: (filing?.limit ?? []).flatMap(filingLimit),
  };
}

/** The codes that are refused together with a benefit: the limits of it that name a service. */
const fallsWith = (benefit: InsurancePlanCoverageBenefit): Set<string> =>
  new Set(benefit.limit?.flatMap((l) => serviceCode(l.code) ?? []) ?? []);

/** A limit of the benefit timely-filing: so many d or a; its code names a kind of claim, an anchor, both or neither. */
function filingLimit({ value, code }: BenefitLimit): FilingLimit[] {
  const amount = value?.value;
  if (amount === undefined || !Number.isInteger(amount)) return [];
  const named = new Set(
    code?.coding?.flatMap((c) => (c.system === system.benefitRule ? (c.code ?? []) : [])),
  );
  const kind = filingKinds.find((k) => named.has(k));
  const anchor = filingAnchors.find((a) => named.has(a));
  return [
    {
      ...(kind === undefined ? {} : { kind }),
      ...(anchor === undefined ? {} : { anchor }),
      ...(value?.code === 'a' ? { years: amount } : { days: amount }),
    },
  ];
}

/** Fee for both sides by the bilateral indicator of the Medicare fee schedule: 150 %, 100 % a side, else the fee once. */
const bilateralRate: Readonly<Record<number, number>> = {
  1: 15_000,
  3: 20_000,
  0: 10_000,
  2: 10_000,
  9: 10_000,
};

/** Benefits of type `bilateral`: a service (or `any`) each, with the indicator as value of its limit. */
const bilateralOf = (benefits: readonly InsurancePlanCoverageBenefit[]): Map<string, number> =>
  new Map(
    benefits.flatMap((b) => {
      const code = serviceCode(b.type) ?? codeOf(b.type, system.benefitRule);
      const rate = bilateralRate[b.limit?.[0]?.value?.value ?? -1];
      return code === undefined || rate === undefined ? [] : [[code, rate] as const];
    }),
  );

type Costs = Pick<
  BenefitRules,
  | 'deductible'
  | 'limit'
  | 'inpatientDeductible'
  | 'coinsurance'
  | 'inpatientCoinsurance'
  | 'visitCopay'
  | 'fees'
  | 'caseRates'
  | 'percentOfCharge'
  | 'coinsurances'
  | 'maximum'
>;

function readCosts({ plan = [] }: InsurancePlan): Costs {
  const general = (type: string): Cents | undefined =>
    centsOf(
      plan.flatMap((p) => p.generalCost ?? []).find((g) => codeOf(g.type, system.benefitRule) === type)?.cost,
    );
  const costs = costsOf(plan);
  const whole = costs.filter((c) => serviceCode(c.of) === undefined && !tierOf(c.of));
  const rate = (type: string): number | undefined => basisPoints(whole.find((c) => c.type === type)?.value);
  const priced = (type: string, key: (of: CodeableConcept) => string | undefined): Map<string, Cents> =>
    new Map(
      costs.flatMap((c) => {
        const [code, amount] = [key(c.of), dollars(c.value)];
        return c.type === type && code !== undefined && amount !== undefined ? [[code, amount] as const] : [];
      }),
    );
  const limit = general('out-of-pocket-limit');
  const maximum = general('benefit-maximum');
  const coinsurances = priced('coinsurance', serviceCode);
  const inpatientDeductible = general('inpatient-deductible');
  const percentOfCharge = rate('percent-of-charge');
  const coinsurance = rate('coinsurance') ?? 0;
  return {
    deductible: general('deductible') ?? zero,
    ...(limit === undefined ? {} : { limit }),
    ...(inpatientDeductible === undefined ? {} : { inpatientDeductible }),
    coinsurance,
    inpatientCoinsurance: rate('inpatient-coinsurance') ?? coinsurance,
    visitCopay: dollars(whole.find((c) => c.type === 'copay')?.value) ?? zero,
    ...(coinsurances.size > 0 ? { coinsurances } : {}),
    ...(maximum === undefined ? {} : { maximum }),
    fees: priced('fee', serviceCode),
    caseRates: priced('case-rate', (of) => codeOf(of, system.msDrg) ?? serviceCode(of)),
    ...(percentOfCharge === undefined ? {} : { percentOfCharge }),
  };
}

interface Cost {
  readonly of: CodeableConcept;
  readonly type: string | undefined; // of benefit-rule
  readonly value: Quantity | undefined;
}

const costsOf = (plan: readonly InsurancePlanPlan[]): Cost[] =>
  plan
    .flatMap((p) => p.specificCost ?? [])
    .flatMap((s) => s.benefit ?? [])
    .flatMap((b) =>
      (b.cost ?? []).map((c) => ({ of: b.type, type: codeOf(c.type, system.benefitRule), value: c.value })),
    );

/** Benefits of type `brand-drug` and `generic-drug`: what the member pays of a fill. */
const tierOf = (of: CodeableConcept): DrugTier | undefined => {
  const code = codeOf(of, system.benefitRule);
  return code === 'brand-drug' ? 'brand' : code === 'generic-drug' ? 'generic' : undefined;
};

/** What the plan says of drugs: dispensing fee, copays by tier, and which drug is of which tier. */
function drugsOf(
  { plan = [] }: InsurancePlan,
  listed: Readonly<Record<DrugTier, ReadonlySet<string>>>,
): Pick<BenefitRules, 'drugs'> {
  const costs = costsOf(plan);
  const fee = dollars(costs.find((c) => c.type === 'dispensing-fee')?.value);
  const copays = costs.flatMap((c) => {
    const [tier, amount] = [tierOf(c.of), dollars(c.value)];
    return tier !== undefined && c.type === 'copay' && amount !== undefined ? [[tier, amount] as const] : [];
  });
  const tiers = (['generic', 'brand'] as const).flatMap((tier) =>
    [...listed[tier]].map((ndc) => [ndc, tier] as const),
  );
  if (fee === undefined && copays.length === 0 && tiers.length === 0) return {};
  return { drugs: { dispensingFee: fee ?? zero, copays: new Map(copays), tiers: new Map(tiers) } };
}

const dollars = (quantity: Quantity | undefined): Cents | undefined =>
  quantity?.value === undefined ? undefined : exactCents(quantity.value);

/** 30 % is 3000; a percentage has at most two decimals, so it reads like an amount. */
const basisPoints = (quantity: Quantity | undefined): number | undefined => dollars(quantity);
