import { unless, type ScrubRule } from '../rule.ts';

/** At most four modifiers of two characters on a line (SV101-3 to -6). */
export const modifierFormat: ScrubRule = {
  id: 'modifier-format',
  source: 'billing rules 25 and 29; 837 SV101-3 to SV101-6',
  carc: '182',
  cure: 'Write modifiers as two letters or digits, at most four.',
  severity: 'error',
  check: ({ lines }) =>
    lines.flatMap(({ at, modifiers }) => [
      ...unless(modifiers.length <= 4, `${at}.modifier`, 'this line has more than four modifiers'),
      ...modifiers.flatMap((m, i) =>
        unless(/^[0-9A-Z]{2}$/.test(m), `${at}.modifier[${i}]`, 'this modifier is not two characters'),
      ),
    ]),
};
