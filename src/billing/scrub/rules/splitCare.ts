import { linesWithFees } from '../fees.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Care is split between surgeons (54, 55, 56) only where a service has days of care after it. */
export const splitCare: ScrubRule = {
  id: 'split-care',
  source: 'billing rules 30 and 32; Medicare physician fee schedule, global days, as the practice loaded it',
  carc: '4',
  cure: 'Bill the service without 54, 55 or 56.',
  severity: 'error',
  check: (claim) =>
    linesWithFees(claim).flatMap(({ line, fees }) =>
      unless(
        /^(010|090)$/.test(fees.globalDays) || !line.modifiers.some((m) => /^5[456]$/.test(m)),
        `${line.at}.modifier`,
        'this service has no care before and after it that could be split',
      ),
    ),
};
