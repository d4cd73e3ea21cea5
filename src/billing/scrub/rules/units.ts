import { unless, type ScrubRule } from '../rule.ts';

/** Units are above zero, with at most three decimals (SV104, SV205). */
export const units: ScrubRule = {
  id: 'units',
  source: 'billing rule 25; 837 SV104 and SV205',
  carc: '16',
  cure: 'Correct the quantity of the charge.',
  severity: 'error',
  check: ({ lines }) =>
    lines.flatMap((line) =>
      unless(
        line.units !== undefined && line.units > 0 && /^\d{1,8}(\.\d{1,3})?$/.test(line.units.toString()),
        `${line.at}.quantity`,
        'the units of this line are missing, not above zero, or finer than three decimals',
      ),
    ),
};
