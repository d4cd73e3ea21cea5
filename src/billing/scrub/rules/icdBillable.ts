import { icd10cm } from '../../../terminology/icd10cm.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Every diagnosis is coded to its last character: a header is not billable. */
export const icdBillable: ScrubRule = {
  id: 'icd-billable',
  source: 'billing rule 21; ICD-10-CM Official Guidelines I.B.2',
  carc: '146',
  cure: 'Choose a finer code below this one.',
  severity: 'error',
  check: ({ diagnoses, end, created }) =>
    diagnoses.flatMap((d) =>
      unless(
        d.code === undefined || (icd10cm(d.code, end ?? created)?.billable ?? true),
        `${d.at}.diagnosis`,
        'this code is a header; finer codes stand below it',
      ),
    ),
};
