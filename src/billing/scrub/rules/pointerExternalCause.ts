import { unless, type ScrubRule } from '../rule.ts';

/** The first pointer of a line, its reason, is never an external cause (SV107-1). */
export const pointerExternalCause: ScrubRule = {
  id: 'pointer-external-cause',
  source: 'billing rules 20 and 24; 837P SV107-1',
  carc: '11',
  cure: 'Point the line first at the injury.',
  severity: 'error',
  check: ({ lines, diagnoses }) => {
    const external = new Set(diagnoses.filter((d) => d.external).map((d) => d.element.sequence));
    return lines.flatMap(({ item, at }) => {
      const first = item.diagnosisSequence?.[0];
      return unless(
        first === undefined || !external.has(first),
        `${at}.diagnosisSequence[0]`,
        'the first pointer of this line is an external cause',
      );
    });
  },
};
