import { linesWithFees } from '../fees.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Modifiers 26 and TC stand only with services that have the two components. */
export const componentIndicator: ScrubRule = {
  id: 'component-indicator',
  source: 'billing rule 31; Medicare physician fee schedule, PC/TC indicator, as the practice loaded it',
  carc: '4',
  cure: 'Bill the service without 26 or TC, or the code of the component.',
  severity: 'error',
  check: (claim) =>
    linesWithFees(claim).flatMap(({ line, fees }) =>
      unless(
        fees.components === '1' || !line.modifiers.some((m) => m === '26' || m === 'TC'),
        `${line.at}.modifier`,
        'this service has no professional and technical component',
      ),
    ),
};
