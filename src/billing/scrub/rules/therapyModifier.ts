import { isMedicare } from '../../../terminology/coverageType.ts';
import { isTherapy } from '../../../terminology/serviceKind.ts';
import { fault, type ScrubRule } from '../rule.ts';

/** Therapy for a Medicare patient says under which plan of care it was given (GN, GO, GP). */
export const therapyModifier: ScrubRule = {
  id: 'therapy-modifier',
  source: 'billing rule 30; Medicare Claims Processing Manual chapter 5, 20.1',
  carc: '4',
  cure: 'Add GP for physical, GO for occupational therapy, GN for speech-language pathology.',
  severity: 'warning',
  check: ({ lines, focal }) =>
    focal?.coverage === undefined || !isMedicare(focal.coverage)
      ? []
      : lines.flatMap(({ at, code = '', modifiers }) =>
          isTherapy(code) && !modifiers.some((m) => /^G[NOP]$/.test(m))
            ? [fault(`${at}.modifier`, 'this therapy does not say under which plan of care it was given')]
            : [],
        ),
};
