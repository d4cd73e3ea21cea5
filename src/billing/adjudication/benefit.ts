import type { Cents } from '../../datatypes/cents.ts';

/** Why a part of the charge is not paid: claim adjustment group code and reason code. See https://x12.org/codes */
export interface Adjustment {
  readonly group: 'CO' | 'OA' | 'PI' | 'PR';
  readonly reason: string; // CARC
  readonly amount: Cents;
}

/** Why a line is refused as a whole. */
export interface Denial {
  readonly group: Adjustment['group'];
  readonly reason: string; // CARC
  readonly remarks?: readonly string[]; // RARC
}

/** What a benefit plan pays for and what it leaves to the member. Rates are basis points: 3000 is 30 %. */
export interface BenefitRules {
  readonly deductible: Cents; // per plan year
  readonly limit?: Cents; // out-of-pocket limit per plan year; copay, deductible and coinsurance count
  readonly coinsurance: number;
  readonly coinsurances?: ReadonlyMap<string, number>; // of codes that have their own
  readonly visitCopay: Cents; // once per claim, on the first visit line
  readonly visits: ReadonlySet<string>; // codes that take the copay and nothing else
  readonly preventive: ReadonlySet<string>; // codes without cost share
  readonly fees: ReadonlyMap<string, Cents>; // per unit; of a drug the ingredient cost
  readonly drugs?: DrugRules;
  readonly maximum?: Cents; // what the plan pays in a plan year at most
  /** How a fee is multiplied for both sides (modifier 50), by code or 'any', in basis points; none: not at all. */
  readonly bilateral?: ReadonlyMap<string, number>;
  readonly percentOfCharge?: number; // what is allowed for a code without fee; none: not covered
  readonly caseRates: ReadonlyMap<string, Cents>; // by MS-DRG; of an outpatient claim by the service it is for
  readonly inpatientDeductible?: Cents; // per benefit period; none: the yearly deductible counts
  readonly inpatientCoinsurance: number;
  readonly coordination: 'standard' | 'carve-out'; // what it pays when another payer paid first
}

/** What a plan pays for a fill beside the ingredients, and what the member does. */
export interface DrugRules {
  readonly dispensingFee: Cents; // once a fill
  readonly copays: ReadonlyMap<DrugTier, Cents>; // of a tier without one: deductible and coinsurance
  readonly tiers: ReadonlyMap<string, DrugTier>; // by NDC, where the plan says so
}

export type DrugTier = 'brand' | 'generic';

/** What a member has used of a plan year, and of the running inpatient benefit period. */
export interface Used {
  readonly deductible: Cents;
  readonly limit: Cents;
  readonly inpatientDeductible: Cents;
  readonly paid?: Cents; // by a plan that has a maximum
}

/** What an earlier payer decided on the same charge. */
export interface Prior {
  readonly paid: Cents;
  readonly patient: Cents; // Σ PR
}

/** One charge to decide on. */
export interface Line {
  readonly sequence: number;
  readonly code?: string; // HCPCS or CPT; none on a line that has a revenue code only
  readonly modifiers?: readonly string[];
  readonly units: number;
  readonly drug?: DrugFill; // of a dispensed drug
  readonly charge: Cents;
  readonly denial?: Denial;
  readonly prior?: Prior;
}

/** What was handed over: one drug, or the ingredients of a compound. */
export interface DrugFill {
  readonly parts: readonly { readonly ndc: string; readonly units: number }[];
  readonly tier?: DrugTier; // as the pharmacy says
}

/** What was decided: charge = paid + Σ adjustments. */
export interface Decision {
  readonly charge: Cents;
  readonly allowed: Cents;
  readonly paid: Cents;
  readonly adjustments: readonly Adjustment[];
  readonly remarks: readonly string[]; // RARC
  readonly drug?: { readonly ingredientCost: Cents; readonly dispensingFee: Cents }; // together what is allowed
}
