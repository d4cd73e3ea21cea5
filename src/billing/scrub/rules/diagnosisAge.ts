import { ageOn } from '../../../datatypes/date.ts';
import { ofDiagnoses } from '../codeEditor.ts';
import { dayOf } from '../line.ts';
import { fault, type ScrubRule } from '../rule.ts';

/**
 * A diagnosis that the Medicare Code Editor lists for an age stands on the claim of a patient of that age: on the day of
 * admission, or of the first service. Others than hospitals are warned.
 */
export const diagnosisAge: ScrubRule = {
  id: 'diagnosis-age',
  source: 'billing rule 36; Medicare Code Editor, age conflict, as the practice loaded it',
  carc: '9',
  cure: 'Check the diagnosis and the date of birth.',
  severity: 'error',
  check: (claim) => {
    const { patient, form, start, created } = claim;
    const born = dayOf(patient?.birthDate);
    if (born === undefined) return [];
    const age = ageOn(born, start ?? created);
    const severity = form === 'institutional' ? undefined : ('warning' as const);
    return ofDiagnoses(claim, 'age').flatMap(({ diagnosis, rules }) =>
      // listed for several ages it fits each of them
      rules.length === 0 || rules.some(({ from, through }) => age >= from && age <= through)
        ? []
        : [
            fault(
              `${diagnosis.at}.diagnosis`,
              'this diagnosis does not fit the age of the patient',
              severity,
            ),
          ],
    );
  },
};
