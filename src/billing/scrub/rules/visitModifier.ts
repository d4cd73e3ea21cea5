import { isVisit } from '../../../terminology/serviceKind.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Modifiers 24, 25 and 57 are of a visit beside a procedure, never of the procedure. */
export const visitModifier: ScrubRule = {
  id: 'visit-modifier',
  source: 'billing rule 30; Medicare Claims Processing Manual chapter 12, 30.6.6',
  carc: '4',
  cure: 'Put the modifier on the visit; a procedure of its own has 59 or XE, XP, XS, XU.',
  severity: 'warning',
  check: ({ lines, form }) =>
    form !== 'professional'
      ? []
      : lines.flatMap(({ at, code = '', modifiers }) =>
          modifiers.flatMap((m, i) =>
            unless(
              !/^(24|25|57)$/.test(m) || isVisit(code),
              `${at}.modifier[${i}]`,
              'this modifier is of a visit, and the line is none',
            ),
          ),
        ),
};
