import { isMedicaid } from '../../../terminology/coverageType.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Medicaid pays after every other payer. */
export const medicaidLast: ScrubRule = {
  id: 'medicaid-last',
  source: 'billing rule 44; 42 CFR 433.139',
  carc: '22',
  cure: 'Put Medicaid last in the order of the coverages.',
  severity: 'warning',
  check: ({ insurances }) =>
    insurances.flatMap(({ at, element, coverage }) =>
      unless(
        coverage === undefined ||
          !isMedicaid(coverage) ||
          !insurances.some(
            (i) =>
              i.element.sequence > element.sequence && i.coverage !== undefined && !isMedicaid(i.coverage),
          ),
        `${at}.sequence`,
        'Medicaid stands before another payer',
      ),
    ),
};
