import { unless, type ScrubRule } from '../rule.ts';

/** An external cause (V00 to Y99) is never the first or principal diagnosis. */
export const externalCauseFirst: ScrubRule = {
  id: 'external-cause-first',
  source: 'billing rule 20; ICD-10-CM Official Guidelines I.C.20',
  carc: '16',
  cure: 'Put the injury first and its cause after it.',
  severity: 'error',
  check: ({ diagnoses }) => {
    const lowest = Math.min(...diagnoses.map((d) => d.element.sequence));
    return diagnoses.flatMap((d) =>
      unless(
        !d.external ||
          !(d.element.sequence === lowest || d.types.has('principal') || d.types.has('admitting')),
        d.at,
        'an external cause is never the first, principal or admitting diagnosis',
      ),
    );
  },
};
