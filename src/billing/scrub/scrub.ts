import type { Organization } from '@medplum/fhirtypes';
import { extensionsOf } from '../../datatypes/extension.ts';
import { details, warning, type Issue } from '../../outcome/issue.ts';
import { reasonLabel } from '../../terminology/claimAdjustmentReason.ts';
import { extension, system } from '../../terminology/system.ts';
import { knownAs, type Fault, type ScrubInput, type ScrubRule } from './rule.ts';
import { viewOf } from './view.ts';

/** A fault as an issue: code = rule, expression, and in diagnostics the denial it would earn, the cure, the source. */
function issueOf(rule: ScrubRule, found: Fault, lowered: boolean): Issue {
  const severity = found.severity ?? rule.severity;
  const asked = lowered && severity === 'error';
  const { coding = [], text = '' } = details(rule.id, found.text);
  return {
    severity: asked ? 'warning' : severity,
    code: 'business-rule',
    details: {
      coding: [...coding, { system: system.carc, code: rule.carc }],
      text: asked ? `${text} (an error; the practice asked for a warning)` : text,
    },
    diagnostics: `Would be denied with CARC ${rule.carc}, ${reasonLabel(rule.carc) ?? 'see the list'}. ${rule.cure} Source: ${rule.source}.`,
    expression: [found.expression],
  };
}

/** Rule ids that the billing organisation wants as warnings only, with those that no rule has. */
function askedFor(
  rules: readonly ScrubRule[],
  input: ScrubInput,
): { lowered: Set<string>; unknown: Issue[] } {
  const biller = knownAs<Organization>(input.known, 'Organization', input.claim.provider);
  const asked = extensionsOf(biller, extension.scrubWarning).map((e) => e.valueCode ?? '');
  const ids = new Set(rules.map((r) => r.id));
  const unknown = asked.flatMap((id, i) =>
    ids.has(id)
      ? []
      : [
          warning(
            'unknown-scrub-rule',
            `Organization.extension('${extension.scrubWarning}')[${i}]`,
            'the practice wants a warning of a rule that does not exist',
          ),
        ],
  );
  return { lowered: new Set(asked), unknown };
}

/**
 * Runs every rule over a claim; all faults at once, errors before warnings. Empty when a payer would find nothing.
 * A rule named in the billing organisation's scrub-warning extension gives warnings only.
 */
export function scrub(rules: readonly ScrubRule[], input: ScrubInput): Issue[] {
  const view = viewOf(input);
  const { lowered, unknown } = askedFor(rules, input);
  const issues = rules.flatMap((rule) => rule.check(view).map((f) => issueOf(rule, f, lowered.has(rule.id))));
  return [
    ...issues.filter((i) => i.severity === 'error'),
    ...issues.filter((i) => i.severity !== 'error'),
    ...unknown,
  ];
}
