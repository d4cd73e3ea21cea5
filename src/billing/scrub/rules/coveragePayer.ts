import { same } from '../../../datatypes/reference.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** The claim goes to the payer of the coverage that it bills (2010BB NM1). */
export const coveragePayer: ScrubRule = {
  id: 'coverage-payer',
  source: 'billing rule 41; 837 loop 2010BB, CARC 109',
  carc: '109',
  cure: 'Make Claim.insurer the payor of the focal coverage.',
  severity: 'error',
  check: ({ claim, focal }) =>
    unless(
      claim.insurer !== undefined &&
        (focal?.coverage === undefined || focal.coverage.payor.some((p) => same(p, claim.insurer))),
      'Claim.insurer',
      'the claim has no insurer, or it is not the payor of the coverage that is billed',
    ),
};
