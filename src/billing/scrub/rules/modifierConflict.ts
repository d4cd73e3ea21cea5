import { unless, type ScrubRule } from '../rule.ts';

/** Modifiers of a line do not contradict each other: 26 and TC, LT and RT, 50 and a side. */
export const modifierConflict: ScrubRule = {
  id: 'modifier-conflict',
  source: 'billing rule 29; Medicare Claims Processing Manual chapter 12, 40.7',
  carc: '4',
  cure: 'Keep one of the two, or bill two lines.',
  severity: 'error',
  check: ({ lines }) =>
    lines.flatMap(({ at, modifiers }) =>
      pairs.flatMap(([a, b]) =>
        unless(
          !(modifiers.includes(a) && modifiers.includes(b)),
          `${at}.modifier`,
          `modifiers ${a} and ${b} contradict each other`,
        ),
      ),
    ),
};

const pairs = [
  ['26', 'TC'],
  ['LT', 'RT'],
  ['50', 'LT'],
  ['50', 'RT'],
  ['JW', 'JZ'],
] as const;
