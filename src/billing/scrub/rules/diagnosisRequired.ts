import { unless, type ScrubRule } from '../rule.ts';

/** A claim has at least one diagnosis, an institutional one exactly one principal (HI); dental and drug claims may have none. */
export const diagnosisRequired: ScrubRule = {
  id: 'diagnosis-required',
  source: 'billing rule 19; 837 HI',
  carc: '16',
  cure: 'Chart the diagnosis, or map the reason for the visit.',
  severity: 'error',
  check: ({ diagnoses, form }) => {
    const principal = diagnoses.filter((d) => d.types.has('principal')).length;
    return [
      ...unless(
        diagnoses.length > 0 || form === 'oral' || form === 'pharmacy',
        'Claim.diagnosis',
        'the claim has no diagnosis',
      ),
      ...unless(
        form !== 'institutional' || diagnoses.length === 0 || principal === 1,
        'Claim.diagnosis',
        'an institutional claim has exactly one principal diagnosis',
      ),
    ];
  },
};
