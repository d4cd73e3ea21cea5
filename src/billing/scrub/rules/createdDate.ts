import { dayOf } from '../line.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** The claim was not made in the future. */
export const createdDate: ScrubRule = {
  id: 'created-date',
  source: 'billing rule 27; 837 BHT04',
  carc: '16',
  cure: 'Make Claim.created the business date.',
  severity: 'error',
  check: ({ claim, created, on }) =>
    unless(
      dayOf(claim.created) !== undefined && created <= on,
      'Claim.created',
      'the date of the claim is missing, no full date, or in the future',
    ),
};
