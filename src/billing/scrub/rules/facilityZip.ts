import type { Location } from '@medplum/fhirtypes';
import { zipDigits } from '../party.ts';
import { knownAs, unless, type ScrubRule } from '../rule.ts';

/** The ZIP code of the service facility has nine digits, where its address stands on the claim (2310C N403). */
export const facilityZip: ScrubRule = {
  id: 'facility-zip',
  source: 'billing rule 3; 837P loop 2310C N403',
  carc: '16',
  cure: 'Write the ZIP code of the Location with all nine digits.',
  severity: 'warning',
  check: ({ claim, known }) => {
    const address = knownAs<Location>(known, 'Location', claim.facility)?.address;
    return unless(
      address === undefined || /^\d{9}$/.test(zipDigits(address)),
      'Claim.facility',
      'the ZIP code of the service facility has not nine digits',
    );
  },
};
