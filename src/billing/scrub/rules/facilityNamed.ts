import { unless, type ScrubRule } from '../rule.ts';

/** A service given in a facility of another (hospital, surgery centre, nursing home) names the facility (2310C). */
export const facilityNamed: ScrubRule = {
  id: 'facility-named',
  source: 'billing rule 35; 837P loop 2310C',
  carc: '16',
  cure: 'Give the Encounter its Location, so that the claim can name it.',
  severity: 'warning',
  check: ({ claim, form, lines }) =>
    unless(
      form !== 'professional' ||
        claim.facility !== undefined ||
        !lines.some((l) => facility.test(l.place ?? '')),
      'Claim.facility',
      'a service was given in a facility and the claim does not name it',
    ),
};
const facility = /^(21|22|23|24|31|32|51|61)$/;
