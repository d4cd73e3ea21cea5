import { codeOf } from '../../../datatypes/coding.ts';
import { isLaboratory } from '../../../terminology/serviceKind.ts';
import { system } from '../../../terminology/system.ts';
import { supporting } from '../view.ts';
import { fault, type ScrubRule } from '../rule.ts';

/** Laboratory tests of a practice come with its CLIA number; a waived test (QW) is not paid without (REF X4). */
export const cliaNumber: ScrubRule = {
  id: 'clia-number',
  source: 'billing rules 18 and 30; 42 CFR 493, Medicare Claims Processing Manual chapter 16, 70',
  carc: 'B7',
  cure: 'Add the CLIA number as supporting information reference-number with code X4.',
  severity: 'warning',
  check: ({ claim, form, lines }) => {
    const given = supporting(claim, 'reference-number').some(
      ({ element }) => codeOf(element.code, system.x12Reference) === 'X4',
    );
    if (form !== 'professional' || given) return [];
    return lines.flatMap(({ at, code = '', modifiers }) => {
      const isSentOut = modifiers.includes('90');
      if (modifiers.includes('QW'))
        return [fault(`${at}.modifier`, 'a waived test needs the CLIA number of the laboratory', 'error')];
      return isLaboratory(code) && !isSentOut
        ? [fault(`${at}.productOrService`, 'a laboratory test comes without a CLIA number')]
        : [];
    });
  },
};
