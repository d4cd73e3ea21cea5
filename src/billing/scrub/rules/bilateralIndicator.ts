import { linesWithFees } from '../fees.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Modifier 50 stands only with services that the fee schedule pays for both sides. */
export const bilateralIndicator: ScrubRule = {
  id: 'bilateral-indicator',
  source:
    'billing rule 29; Medicare physician fee schedule, bilateral surgery indicator, as the practice loaded it',
  carc: '4',
  cure: 'Bill the service without modifier 50.',
  severity: 'error',
  check: (claim) =>
    linesWithFees(claim).flatMap(({ line, fees }) =>
      unless(
        !line.modifiers.includes('50') || /^[13]$/.test(fees.bilateral),
        `${line.at}.modifier`,
        'this service is not paid for both sides',
      ),
    ),
};
