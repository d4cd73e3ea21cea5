import { dayOf } from '../line.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** The claim has a period, and every service lies in it (DTP 434). */
export const serviceInPeriod: ScrubRule = {
  id: 'service-in-period',
  source: 'billing rule 27; 837I DTP 434',
  carc: '16',
  cure: 'Make Claim.billablePeriod hold all services.',
  severity: 'error',
  check: ({ claim, lines, form }) => {
    const [start, end] = [dayOf(claim.billablePeriod?.start), dayOf(claim.billablePeriod?.end)];
    const whole = start !== undefined && end !== undefined && start <= end;
    if (claim.billablePeriod === undefined && form !== undefined && form !== 'institutional') return [];
    if (!whole)
      return unless(false, 'Claim.billablePeriod', 'the period of the claim is not two full dates in order');
    return lines.flatMap(({ at, from, through }) =>
      unless(
        (from ?? start) >= start && (through ?? end) <= end,
        `${at}.serviced`,
        'this service lies outside the period of the claim',
      ),
    );
  },
};
