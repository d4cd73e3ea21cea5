import { icd10cm, looksLikeIcd10cm } from '../../../terminology/icd10cm.ts';
import { diagnosisOn } from '../codes.ts';
import { fault, type ScrubRule } from '../rule.ts';

/** Every diagnosis exists in the edition for the last day of service; where none in force is loaded, its category must. */
export const icdKnown: ScrubRule = {
  id: 'icd-known',
  source: 'billing rule 21; ICD-10-CM of NCHS and CMS, by fiscal year',
  carc: '146',
  cure: 'Choose a code that is valid on the date.',
  severity: 'error',
  check: (claim) => {
    const { diagnoses, end, created } = claim;
    const on = end ?? created;
    return diagnoses.flatMap(({ at, code }) => {
      if (code === undefined || !looksLikeIcd10cm(code)) return [];
      const { edition, isLoaded, code: found } = diagnosisOn(claim, code, on);
      if (found) return [];
      const perhaps = !edition.isInForce && (isLoaded || icd10cm(code.slice(0, 3), on) !== undefined);
      const text = `this code is not in ICD-10-CM ${edition.name}`;
      return [fault(`${at}.diagnosis`, text, perhaps ? 'warning' : 'error')];
    });
  },
};
