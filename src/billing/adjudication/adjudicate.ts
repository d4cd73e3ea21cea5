import { subtract } from '../../datatypes/cents.ts';
import { allowed, drugParts } from './allowed.ts';
import type {
  Adjustment,
  BenefitRules,
  Decision,
  DrugFill,
  DrugRules,
  DrugTier,
  Line,
  Used,
} from './benefit.ts';
import {
  afterShare,
  costShare,
  noShare,
  shareAdjustments,
  shareTotal,
  type CostShare,
  type LineKind,
} from './costShare.ts';
import { denied, notCovered } from './denied.ts';
import { afterPaid, withinMaximum } from './maximum.ts';
import { secondary } from './secondary.ts';

/** The decision on one line of the claim. */
export interface LineDecision extends Decision {
  readonly sequence: number;
}

/** Decides line by line, in line order: what one line uses up of deductible and limit, the next has no more. */
export function adjudicate(
  lines: readonly Line[],
  rules: BenefitRules,
  before: Used,
): { decisions: LineDecision[]; used: Used } {
  let used = before;
  let visited = false;
  const decisions = lines.map((line) => {
    const kind = kindOf(line, rules, visited);
    const { decision, owed } = decide(line, kind, { rules, used });
    visited ||= kind === 'visit' && decision.allowed > 0;
    used = afterPaid(afterShare(used, owed), decision.paid, rules);
    return { sequence: line.sequence, ...decision };
  });
  return { decisions, used };
}

function kindOf(line: Line, rules: BenefitRules, visited: boolean): LineKind {
  const { code = '' } = line;
  const copay = line.drug && rules.drugs?.copays.get(tierOf(line.drug, rules.drugs));
  if (copay !== undefined) return { copay };
  if (rules.visits.has(code)) return visited ? 'furtherVisit' : 'visit';
  return rules.preventive.has(code) ? 'preventive' : 'other';
}

function decide(
  line: Line,
  kind: LineKind,
  plan: { readonly rules: BenefitRules; readonly used: Used },
): { decision: Decision; owed: CostShare } {
  const { charge, denial, prior } = line;
  if (denial) return { decision: denied(line, denial), owed: noShare };
  const recognised = allowed(line, plan.rules);
  if (recognised === undefined || (recognised === 0 && charge > 0)) {
    return { decision: denied(line, notCovered), owed: noShare };
  }
  const coinsurance = plan.rules.coinsurances?.get(line.code ?? '') ?? plan.rules.coinsurance;
  const share = costShare(kind, recognised, { ...plan.rules, coinsurance }, plan.used);
  const drug = drugParts(line, recognised, plan.rules);
  if (prior) {
    const later = secondary({ charge, allowed: recognised, share, prior }, plan.rules.coordination);
    return { ...later, decision: withinMaximum({ ...later.decision, ...drug }, plan) };
  }
  const contractual = subtract(charge, recognised);
  const adjustments: Adjustment[] = [
    ...(contractual === 0 ? [] : [{ group: 'CO', reason: '45', amount: contractual } as const]),
    ...shareAdjustments(share),
  ];
  const paid = subtract(recognised, shareTotal(share));
  const remarks = share.cut ? ['N549'] : [];
  const decision = { charge, allowed: recognised, paid, adjustments, remarks, ...drug };
  return { decision: withinMaximum(decision, plan), owed: share };
}

/** The tier of a fill: as the plan lists the drug, else as the pharmacy says, else generic; of a compound its dearest. */
function tierOf({ parts, tier }: DrugFill, { tiers }: DrugRules): DrugTier {
  const listed = parts.flatMap(({ ndc }) => tiers.get(ndc) ?? []);
  if (listed.includes('brand')) return 'brand';
  return listed[0] ?? tier ?? 'generic';
}
