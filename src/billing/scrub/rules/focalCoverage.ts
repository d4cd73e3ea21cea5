import { unless, type ScrubRule } from '../rule.ts';

/** Exactly one coverage is the one that is billed. */
export const focalCoverage: ScrubRule = {
  id: 'focal-coverage',
  source: 'billing rule 42; FHIR R4 Claim.insurance.focal',
  carc: '16',
  cure: 'Mark the coverage of the destination payer, and no other, as focal.',
  severity: 'error',
  check: ({ insurances }) =>
    unless(
      insurances.filter((i) => i.element.focal).length === 1,
      'Claim.insurance',
      'not exactly one coverage is marked as the one that is billed',
    ),
};
