import { ageOn } from '../../../datatypes/date.ts';
import { hasCodeEditor } from '../codeEditor.ts';
import { dayOf } from '../line.ts';
import { fault, type ScrubRule } from '../rule.ts';

/** A diagnosis of the birth itself (Z38) stands on the record of a child not yet one year old. */
export const newbornDiagnosis: ScrubRule = {
  id: 'newborn-diagnosis',
  source: 'billing rule 36; Medicare Code Editor, age conflict; ICD-10-CM Official Guidelines I.C.16',
  carc: '9',
  cure: 'Check the diagnosis and the date of birth; the mother has Z37.',
  severity: 'warning',
  check: (view) => {
    const { diagnoses, patient, start, created } = view;
    if (hasCodeEditor(view)) return [];
    const born = dayOf(patient?.birthDate);
    if (born === undefined || ageOn(born, start ?? created) < 1) return [];
    return diagnoses.flatMap(({ at, code }) =>
      code?.startsWith('Z38') === true
        ? [fault(`${at}.diagnosis`, 'this diagnosis is of a newborn, the patient is none')]
        : [],
    );
  },
};
