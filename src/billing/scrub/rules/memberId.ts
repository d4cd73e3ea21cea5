import { memberIdOf } from '../party.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Every coverage on the claim is known and has a member id (2010BA NM109). */
export const memberId: ScrubRule = {
  id: 'member-id',
  source: 'billing rule 7; 837 loop 2010BA NM109',
  carc: '31',
  cure: 'Give the Coverage its subscriberId as it stands on the card.',
  severity: 'error',
  check: ({ insurances }) =>
    insurances.flatMap(({ at, coverage }) =>
      unless(
        /\S/.test(memberIdOf(coverage) ?? ''),
        `${at}.coverage`,
        'the coverage is not known here or has no member id',
      ),
    ),
};
