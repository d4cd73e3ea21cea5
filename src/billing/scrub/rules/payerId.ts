import type { Organization } from '@medplum/fhirtypes';
import { identifierOf } from '../../../datatypes/identifier.ts';
import { system } from '../../../terminology/system.ts';
import { knownAs, unless, type ScrubRule } from '../rule.ts';

/** The payer has an electronic payer id (2010BB NM109). */
export const payerId: ScrubRule = {
  id: 'payer-id',
  source: '837 loop 2010BB NM109',
  carc: '109',
  cure: 'Give the Organization of the payer its payer id.',
  severity: 'warning',
  check: ({ claim, known }) => {
    const payer = knownAs<Organization>(known, 'Organization', claim.insurer);
    return unless(
      identifierOf(payer, system.payerId) !== undefined,
      'Claim.insurer',
      'the payer is not known here or has no payer id',
    );
  },
};
