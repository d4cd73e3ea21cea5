import { same } from '../../../datatypes/reference.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Each coverage is the patient's own. */
export const coverageBeneficiary: ScrubRule = {
  id: 'coverage-beneficiary',
  source: 'billing rule 41; FHIR R4 Coverage.beneficiary',
  carc: '31',
  cure: 'Put a Coverage of this patient on the claim.',
  severity: 'error',
  check: ({ claim, insurances }) =>
    insurances.flatMap(({ at, coverage }) =>
      unless(
        coverage === undefined || same(coverage.beneficiary, claim.patient),
        `${at}.coverage`,
        'this coverage belongs to another patient',
      ),
    ),
};
