import { unless, type ScrubRule } from '../rule.ts';

/** Every professional line points at 1 to 4 diagnoses of this claim, an oral one at most 4, none twice (SV107, SV311). */
export const diagnosisPointer: ScrubRule = {
  id: 'diagnosis-pointer',
  source: 'billing rule 24; 837P loop 2400 SV107',
  carc: '16',
  cure: 'Point the line at 1 to 4 diagnoses that stand on the claim.',
  severity: 'error',
  check: ({ lines, diagnoses, form }) => {
    const known = new Set(diagnoses.map((d) => d.element.sequence));
    return lines.flatMap(({ item: { diagnosisSequence = [] }, at }) => {
      const least = form === 'professional' ? 1 : 0;
      const many = diagnosisSequence.length >= least && diagnosisSequence.length <= 4;
      const once = new Set(diagnosisSequence).size === diagnosisSequence.length;
      return [
        ...unless(
          (form !== 'professional' && form !== 'oral') || (many && once),
          `${at}.diagnosisSequence`,
          `this line must point at ${least.toString()} to 4 diagnoses, none twice`,
        ),
        ...diagnosisSequence.flatMap((s, i) =>
          unless(
            known.has(s),
            `${at}.diagnosisSequence[${i}]`,
            'points to a diagnosis that is not on the claim',
          ),
        ),
      ];
    });
  },
};
