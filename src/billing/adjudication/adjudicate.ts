import { subtract } from '../../datatypes/cents.ts';
import { allowed } from './allowed.ts';
import type { Adjustment, BenefitRules, Decision, Line, Used } from './benefit.ts';
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
    used = afterShare(used, owed);
    return { sequence: line.sequence, ...decision };
  });
  return { decisions, used };
}

function kindOf({ code = '' }: Line, rules: BenefitRules, visited: boolean): LineKind {
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
  const share = costShare(kind, recognised, plan.rules, plan.used);
  if (prior) return secondary({ charge, allowed: recognised, share, prior }, plan.rules.coordination);
  const contractual = subtract(charge, recognised);
  const adjustments: Adjustment[] = [
    ...(contractual === 0 ? [] : [{ group: 'CO', reason: '45', amount: contractual } as const]),
    ...shareAdjustments(share),
  ];
  const paid = subtract(recognised, shareTotal(share));
  const remarks = share.cut ? ['N549'] : [];
  return { decision: { charge, allowed: recognised, paid, adjustments, remarks }, owed: share };
}
