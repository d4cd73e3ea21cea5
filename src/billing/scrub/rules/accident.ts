import { dayOf } from '../line.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** An accident has a date not after the services, and a car accident a state (CLM11, DTP 439). */
export const accident: ScrubRule = {
  id: 'accident',
  source: 'billing rule 18; 837 CLM11 and DTP 439',
  carc: '16',
  cure: 'Complete Claim.accident: date, type and, for a car accident, the state.',
  severity: 'error',
  check: ({ claim, created, end }) => {
    if (!claim.accident) return [];
    const { date, type, locationAddress } = claim.accident;
    const day = dayOf(date);
    const codes = (type?.coding ?? []).map((c) => c.code);
    const car = codes.some((code) => code === 'MVA' || code === 'AA');
    return [
      ...unless(
        day !== undefined && day <= created && (end === undefined || day <= end),
        'Claim.accident.date',
        'the date of the accident is no full date, or after the service',
      ),
      ...unless(codes.length > 0, 'Claim.accident.type', 'the kind of accident is not coded'),
      ...unless(
        !car || /^[A-Z]{2}$/.test(locationAddress?.state ?? ''),
        'Claim.accident.location',
        'a car accident needs the state in two letters',
      ),
    ];
  },
};
