import { shippedConditions } from '../src/billing/rule/shipped.ts';
import type { ScrubRule } from '../src/billing/scrub/rule.ts';
import { reasonLabel } from '../src/terminology/claimAdjustmentReason.ts';

/** docs/scrub-rules.md: one row for each rule, in the order in which they run. */
export const scrubTable = (rules: readonly ScrubRule[]): string => `# Scrub rules

What \`Claim/$scrub\` and \`Claim/$submit\` check: ${rules.length} rules, each in a file of its own under \`src/billing/scrub/rules\`. Made by \`node script/writeScrubRules.ts\`; a test keeps it equal to the rules.

An **error** stops \`$submit\`; a **warning** travels with the claim. A rule may give a milder fault as a warning: a five-digit ZIP code, a code that is not in the newest loaded edition while that edition is not in force on the day. A practice turns the errors of a rule into warnings by the extension \`https://claimwright.example/fhir/StructureDefinition/scrub-warning\` (valueCode = rule) on its billing Organization. "Billing rule n" numbers the rules of this project's billing reference. CARC is the denial the fault would earn, with our own label. Public sources are named from general knowledge: check them before quoting them as law.

The rules marked **data** are also written as conditions in FHIRPath (\`profiles/rule/scrub-rules.json\`), in the form in which a practice writes its own (docs/office.md, Rules as data); a test holds both to the same faults on every test claim. The coded ones are those that run: they cost a hundredth of the time (docs/decision/0057).

| Rule | Severity | CARC | Cure | Source | |
|---|---|---|---|---|---|
${rules.map(row).join('\n')}
`;

const asData = new Set(shippedConditions.map(({ rule }) => rule));

const row = ({ id, severity, carc, cure, source }: ScrubRule): string =>
  `| \`${id}\` | ${severity} | ${carc} ${reasonLabel(carc) ?? ''} | ${cure} | ${source} | ${asData.has(id) ? 'data' : ''} |`;
