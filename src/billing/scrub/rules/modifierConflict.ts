import { unless, type ScrubRule } from '../rule.ts';

/** Modifiers of a line do not contradict each other: components, sides, surgeons, repeats, notices, kinds of therapy. */
export const modifierConflict: ScrubRule = {
  id: 'modifier-conflict',
  source: 'billing rules 29 and 30; Medicare Claims Processing Manual chapter 12, 40.7',
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

const pairs = (
  '26-TC LT-RT 50-LT 50-RT JW-JZ 52-53 76-77 62-66 62-80 80-81 80-82 81-82 80-AS 95-93 95-GQ GT-GQ ' +
  'GA-GX GA-GY GA-GZ GZ-GX GZ-GY GN-GO GN-GP GO-GP AA-AD AA-QK AA-QX AA-QY AA-QZ AD-QK AD-QZ QK-QZ QX-QZ QY-QZ'
)
  .split(' ')
  .map((pair) => [pair.slice(0, 2), pair.slice(3)] as const);
