import { unless, type ScrubRule } from '../rule.ts';

/** No service lies after the day the claim was made (DTP 472). */
export const serviceFuture: ScrubRule = {
  id: 'service-future',
  source: 'billing rule 27; 837P DTP 472',
  carc: '16',
  cure: 'Bill the service after it was given.',
  severity: 'error',
  check: ({ lines, created }) =>
    lines.flatMap(({ at, from, through }) =>
      unless(
        [from, through].every((day) => day === undefined || day <= created),
        `${at}.serviced`,
        'this service lies after the date of the claim',
      ),
    ),
};
