import { diagnosisOn } from '../codes.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Every diagnosis is coded to its last character: a header is not billable. */
export const icdBillable: ScrubRule = {
  id: 'icd-billable',
  source: 'billing rule 21; ICD-10-CM Official Guidelines I.B.2',
  carc: '146',
  cure: 'Choose a finer code below this one.',
  severity: 'error',
  check: (claim) =>
    claim.diagnoses.flatMap((d) =>
      unless(
        d.code === undefined ||
          (diagnosisOn(claim, d.code, claim.end ?? claim.created).code?.billable ?? true),
        `${d.at}.diagnosis`,
        'this code is a header; finer codes stand below it',
      ),
    ),
};
