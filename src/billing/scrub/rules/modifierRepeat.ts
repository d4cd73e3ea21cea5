import { unless, type ScrubRule } from '../rule.ts';

/** No modifier stands twice on a line. */
export const modifierRepeat: ScrubRule = {
  id: 'modifier-repeat',
  source: 'billing rule 29',
  carc: '4',
  cure: 'Leave the second one out.',
  severity: 'error',
  check: ({ lines }) =>
    lines.flatMap(({ at, modifiers }) =>
      modifiers.flatMap((m, i) =>
        unless(
          m === '' || modifiers.indexOf(m) === i,
          `${at}.modifier[${i}]`,
          'this modifier stands on the line already',
        ),
      ),
    ),
};
