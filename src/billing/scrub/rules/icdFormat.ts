import { looksLikeIcd10cm } from '../../../terminology/icd10cm.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Every diagnosis is coded and has the form of ICD-10-CM (HI). */
export const icdFormat: ScrubRule = {
  id: 'icd-format',
  source: 'billing rule 21; 45 CFR 162.1002, ICD-10-CM',
  carc: '146',
  cure: 'Code the diagnosis in ICD-10-CM.',
  severity: 'error',
  check: ({ diagnoses }) =>
    diagnoses.flatMap((d) =>
      unless(
        d.code !== undefined && looksLikeIcd10cm(d.code),
        `${d.at}.diagnosis`,
        'this diagnosis has no code of the form of ICD-10-CM',
      ),
    ),
};
