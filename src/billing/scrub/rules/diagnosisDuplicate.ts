import { unless, type ScrubRule } from '../rule.ts';

/** No diagnosis stands twice; the admitting one and the reasons for the visit may repeat another (HI). */
export const diagnosisDuplicate: ScrubRule = {
  id: 'diagnosis-duplicate',
  source: 'billing rule 20; ICD-10-CM Official Guidelines I.B.12',
  carc: '16',
  cure: 'Leave the second one out and point the lines to the first.',
  severity: 'error',
  check: ({ diagnoses }) => {
    const once = diagnoses.filter(
      (d) => d.types.has('principal') || !(d.types.has('admitting') || d.types.has('patientreasonforvisit')),
    );
    const codes = once.map((d) => d.code?.replace('.', ''));
    const sequences = diagnoses.map((d) => d.element.sequence);
    return [
      ...once.flatMap((d, i) =>
        unless(
          codes[i] === undefined || codes.indexOf(codes[i]) === i,
          d.at,
          'this diagnosis stands on the claim already',
        ),
      ),
      ...diagnoses.flatMap((d, i) =>
        unless(
          sequences.indexOf(d.element.sequence) === i,
          `${d.at}.sequence`,
          'this sequence stands on another diagnosis',
        ),
      ),
    ];
  },
};
