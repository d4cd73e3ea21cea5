import { adjudicate } from '../../billing/adjudication/adjudicate.ts';
import { allowed } from '../../billing/adjudication/allowed.ts';
import type { Adjustment, BenefitRules, Used } from '../../billing/adjudication/benefit.ts';
import { notCovered } from '../../billing/adjudication/denied.ts';
import type { BenefitsTold } from '../../billing/eligibility/benefits.ts';
import type { ExpectedItem } from '../../billing/estimate/goodFaith.ts';
import type { EstimatedLine, PricedBy } from '../../billing/estimate/shareAnswer.ts';
import { least, most, subtract, sum, zero, type Cents } from '../../datatypes/cents.ts';
import { plainCode } from '../../terminology/serviceCode.ts';

/** What is known of the benefits of a patient on the day of an estimate. */
export interface Known {
  readonly plan: BenefitRules | undefined;
  readonly told: BenefitsTold | undefined; // by the payer, when it was asked last
  /** What answers to claims used up since the payer was asked; of the whole plan year where it was not asked. */
  readonly used: Used;
  /** What the contract with the payer lets expect of a line, and by which rule; by the number of the line. */
  readonly agreed: ReadonlyMap<number, { readonly amount: Cents; readonly rule: string }>;
}

/** Visits that take the copay where no plan says which do. */
const officeVisit = /^(?:992(?:0[2-5]|1[1-5])|G0463|T1015)$/;

/** The rules that count: the plan, with what the payer said of this patient in the place of what the plan says of all. */
export function rulesOf(
  { plan, told, used }: Known,
  codes: readonly string[],
): {
  readonly rules: BenefitRules;
  readonly used: Used;
} {
  const left = (whole: Cents | undefined, taken: Cents): Cents => most(zero, subtract(whole ?? zero, taken));
  const { limitLeft, coinsurance, visitCopay } = told ?? {};
  const limit = limitLeft ?? plan?.limit;
  return {
    rules: {
      deductible: left(told?.deductibleLeft ?? plan?.deductible, used.deductible),
      ...(limit === undefined ? {} : { limit: left(limit, used.limit) }),
      coinsurance: coinsurance ?? plan?.coinsurance ?? 0,
      ...(plan?.coinsurances ? { coinsurances: plan.coinsurances } : {}),
      visitCopay: visitCopay ?? plan?.visitCopay ?? zero,
      visits: plan?.visits ?? new Set(codes.filter((code) => officeVisit.test(code))),
      preventive: plan?.preventive ?? new Set(),
      ...(plan?.maximum === undefined ? {} : { maximum: plan.maximum }),
      fees: new Map(),
      percentOfCharge: 10_000, // a line comes here with what the plan recognises of it
      caseRates: new Map(),
      inpatientCoinsurance: 0,
      coordination: 'standard',
    },
    used: { deductible: zero, limit: zero, inpatientDeductible: zero, paid: used.paid ?? zero },
  };
}

/** What each service costs by the contract, else by the plan, else as it is charged; and what of it the patient bears. */
export function ownShares(items: readonly ExpectedItem[], known: Known): EstimatedLine[] {
  const priced = items.map((item, i) => ({ item, ...recognised(item, i + 1, known) }));
  const codes = items.map(codeOf);
  const { rules, used } = rulesOf(known, codes);
  const lines = priced.map(({ item, amount }, i) => ({
    sequence: i + 1,
    code: codeOf(item),
    units: item.units,
    charge: amount,
    ...(amount === 0 && item.charge > 0 ? { denial: notCovered } : {}),
  }));
  const { decisions } = adjudicate(lines, rules, used);
  return priced.flatMap(({ item, amount, by, rule }, i): EstimatedLine[] => {
    const decision = decisions[i];
    if (!decision) return [];
    const isCovered = by !== 'not-covered';
    const shares: readonly Adjustment[] = isCovered
      ? decision.adjustments.filter(({ group }) => group === 'PR')
      : [{ group: notCovered.group, reason: notCovered.reason, amount: item.charge }];
    return [
      {
        sequence: i + 1,
        item,
        by,
        ...(rule === undefined ? {} : { rule }),
        allowed: isCovered ? amount : zero,
        paid: isCovered ? decision.paid : zero,
        shares: shares.map(({ reason, amount: share }) => ({ reason, amount: share })),
        owed: sum(shares.map((s) => s.amount)),
      },
    ];
  });
}

/** What is recognised of a service, at most what is charged. */
function recognised(
  item: ExpectedItem,
  sequence: number,
  { plan, agreed }: Known,
): { readonly amount: Cents; readonly by: PricedBy; readonly rule?: string } {
  const contract = agreed.get(sequence);
  if (contract) return { amount: least(item.charge, contract.amount), by: 'contract', rule: contract.rule };
  if (!plan) return { amount: item.charge, by: 'charge' };
  const { units, charge } = item;
  const amount = allowed({ sequence, code: codeOf(item), units, charge }, plan);
  return amount === undefined || amount === 0 ? { amount: zero, by: 'not-covered' } : { amount, by: 'plan' };
}

const codeOf = ({ code }: ExpectedItem): string => {
  const [coding] = code.coding ?? [];
  return plainCode(coding?.system ?? '', coding?.code ?? '');
};
