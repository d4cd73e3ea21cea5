import { codeOf } from '../../../datatypes/coding.ts';
import { coverageCodes, typology } from '../../../terminology/coverageType.ts';
import { system } from '../../../terminology/system.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** An accident at work goes to the workers' compensation first. */
export const workersCompensation: ScrubRule = {
  id: 'workers-compensation',
  source: 'billing rules 41 and 44; 837 CLM11, CARC 19',
  carc: '19',
  cure: "Bill the workers' compensation first, or put its answer on the claim.",
  severity: 'warning',
  check: ({ claim, focal }) => {
    const type = claim.accident?.type;
    const code = codeOf(type, system.actCode) ?? type?.coding?.[0]?.code;
    const isAtWork = code === 'WPA' || code === 'EM';
    const coverage = focal?.coverage;
    if (!isAtWork || coverage === undefined || focal === undefined || focal.element.sequence > 1) return [];
    const codes = coverageCodes(coverage);
    const pays = codes.includes('WC') || codes.includes('WCBPOL') || typology(coverage).startsWith('95');
    return unless(pays, `${focal.at}.coverage`, 'an accident at work is billed to a plan that pays after it');
  },
};
