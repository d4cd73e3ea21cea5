import type { Claim } from '@medplum/fhirtypes';
import type { DataRule } from '../../billing/rule/dataRule.ts';
import type { Known } from '../../datatypes/known.ts';
import { details, warning, type Issue } from '../../outcome/issue.ts';
import { reasonLabel } from '../../terminology/claimAdjustmentReason.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { activeRulesFor, type ActiveRule } from './activeRules.ts';
import type { Judged } from './judgeApart.ts';
import { judged } from './judgements.ts';
import { subjectOf } from './subjectOf.ts';
import { isStopped, switchOffStopped } from './stopped.ts';

/** What the rules that practices keep as data find in a claim; nothing is done where none is switched on. */
export async function ruleIssues(call: Call, claim: Claim, known: Known): Promise<Issue[]> {
  const rules = await activeRulesFor(call, claim);
  if (rules.length === 0) return [];
  const subject = await subjectOf(call.tx, claim, known, call.on);
  // one that did not end is left out at once, before its Basic says so
  const running = rules.filter((rule) => !isStopped(call.context.store, rule));
  const found = judged(
    running.map(({ rule }) => rule),
    subject,
  );
  const results = new Map(running.map((rule, i) => [rule.id, found[i] ?? 'not-run'] as const));
  const unfinished = running.filter(({ id }) => results.get(id) === 'unfinished');
  if (unfinished.length > 0) switchOffStopped(call.context, unfinished);
  const issues = rules.flatMap((rule) => issuesOf(rule, results.get(rule.id) ?? 'unfinished'));
  return [...issues.filter((i) => i.severity === 'error'), ...issues.filter((i) => i.severity !== 'error')];
}

function issuesOf({ rule, id }: ActiveRule, result: Judged): Issue[] {
  if (typeof result !== 'string') return result.map((place) => issueOf(rule, place, `Basic/${id}`));
  const why = {
    failed: 'it cannot be judged on this claim',
    unfinished: 'it did not end within a second, and is switched off',
    'not-run': 'no time was left for it',
  }[result];
  return [warning('scrub-rule-not-run', 'Claim', `rule ${rule.name} was not run: ${why}`)];
}

/** A fault as an issue: as those of the rules that are shipped, with the name of the rule beside. */
function issueOf(rule: DataRule, place: string, of: string): Issue {
  const { coding = [], text = '' } = details('scrub-rule', rule.text);
  const label = reasonLabel(rule.carc);
  const source = rule.source ?? `${of}, a rule of the practice`;
  return {
    severity: rule.severity,
    code: 'business-rule',
    details: {
      coding: [
        ...coding,
        { system: system.scrubRule, code: rule.name },
        { system: system.carc, code: rule.carc },
      ],
      text,
    },
    diagnostics: `Would be denied with CARC ${rule.carc}${label === undefined ? '' : `, ${label}`}. ${rule.cure} Source: ${source}.`,
    expression: [place],
  };
}
