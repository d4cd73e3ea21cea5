import { isLaboratory } from '../../../terminology/serviceKind.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Modifier 91 is of a laboratory test done again on the same day, of nothing else. */
export const laboratoryRepeat: ScrubRule = {
  id: 'laboratory-repeat',
  source: 'billing rule 30; Medicare Claims Processing Manual chapter 16, 100.5.1',
  carc: '4',
  cure: 'Say with 76 or 77 that a procedure was done again; 91 is of laboratory tests.',
  severity: 'warning',
  check: ({ lines }) =>
    lines.flatMap(({ at, code = '', modifiers }) =>
      unless(
        !modifiers.includes('91') || isLaboratory(code),
        `${at}.modifier`,
        'modifier 91 stands with what is no laboratory test',
      ),
    ),
};
