import { unless, type ScrubRule } from '../rule.ts';

/** A bilateral procedure (modifier 50) is one unit. */
export const bilateralUnits: ScrubRule = {
  id: 'bilateral-units',
  source: 'billing rule 29; Medicare Claims Processing Manual chapter 12, 40.7',
  carc: '4',
  cure: 'Bill one unit with modifier 50, or two lines with LT and RT.',
  severity: 'warning',
  check: ({ lines }) =>
    lines.flatMap(({ at, modifiers, units }) =>
      unless(!modifiers.includes('50') || units === 1, `${at}.quantity`, 'a bilateral procedure is one unit'),
    ),
};
