import { codeOf } from '../../../datatypes/coding.ts';
import { isMedicaid, isMedicare } from '../../../terminology/coverageType.ts';
import { system } from '../../../terminology/system.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Where Medicare pays after another payer but Medicaid, its coverage says why (SBR05). */
export const medicareSecondary: ScrubRule = {
  id: 'medicare-secondary',
  source: 'billing rule 44; 837 SBR05, 42 CFR 411',
  carc: '22',
  cure: 'Code on the Coverage why Medicare pays second: 12, 13, 14, 15, 16, 41, 42, 43 or 47.',
  severity: 'warning',
  check: ({ insurances }) =>
    insurances.flatMap(({ at, element, coverage }) => {
      const before = insurances.filter(
        (i) => i.element.sequence < element.sequence && !(i.coverage && isMedicaid(i.coverage)),
      );
      if (coverage === undefined || !isMedicare(coverage) || before.length === 0) return [];
      return unless(
        reasons.has(codeOf(coverage.type, system.x12InsuranceType) ?? ''),
        `${at}.coverage`,
        'nothing says why Medicare pays after another payer',
      );
    }),
};

const reasons = new Set(['12', '13', '14', '15', '16', '41', '42', '43', '47']);
