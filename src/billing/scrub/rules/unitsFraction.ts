import { isMileage } from '../../../terminology/hcpcs.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Only miles and what a pharmacy hands over are counted in parts; every other unit is whole. */
export const unitsFraction: ScrubRule = {
  id: 'units-fraction',
  source: 'billing rule 29; Medicare Claims Processing Manual chapter 15, 20.2',
  carc: '16',
  cure: 'Round the units as the code describes, drugs up to the whole unit.',
  severity: 'warning',
  check: ({ lines, form }) =>
    lines.flatMap((line) =>
      unless(
        form === 'pharmacy' ||
          line.units === undefined ||
          Number.isInteger(line.units) ||
          isMileage(line.code ?? ''),
        `${line.at}.quantity`,
        'the units of this line are not whole, and it is not mileage',
      ),
    ),
};
