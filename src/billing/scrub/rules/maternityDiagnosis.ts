import { ageOn } from '../../../datatypes/date.ts';
import { hasCodeEditor } from '../codeEditor.ts';
import { dayOf } from '../line.ts';
import { saysSexIsRight } from '../view.ts';
import { fault, type ScrubRule } from '../rule.ts';

/**
 * A diagnosis of pregnancy, childbirth and the puerperium (O00 to O9A) is the mother's: 9 to 64 years old, and not male
 * but where condition code 45 or modifier KX says that it is right.
 */
export const maternityDiagnosis: ScrubRule = {
  id: 'maternity-diagnosis',
  source: 'billing rule 36; Medicare Code Editor, age and sex conflict',
  carc: '9',
  cure: 'Check the diagnosis, the sex and the date of birth; the child has codes of its own.',
  severity: 'warning',
  check: (view) => {
    const { claim, diagnoses, patient, end, created } = view;
    const born = dayOf(patient?.birthDate);
    // with the Medicare Code Editor loaded its lists say the ages code by code
    const age = born === undefined || hasCodeEditor(view) ? undefined : ageOn(born, end ?? created);
    const fits =
      (patient?.gender !== 'male' || saysSexIsRight(claim)) && (age === undefined || (age >= 9 && age <= 64));
    return diagnoses.flatMap(({ at, code }) =>
      fits || code?.startsWith('O') !== true
        ? []
        : [fault(`${at}.diagnosis`, 'this diagnosis is of a mother from 9 to 64 years, the patient is none')],
    );
  },
};
