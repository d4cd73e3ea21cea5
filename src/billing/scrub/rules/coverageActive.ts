import { contains } from '../../../datatypes/date.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** The coverage that is billed is active and its period holds every service. */
export const coverageActive: ScrubRule = {
  id: 'coverage-active',
  source: 'billing rule 41; CARC 26 and 27',
  carc: '27',
  cure: 'Bill the coverage that is in force on the date, or the patient.',
  severity: 'error',
  check: ({ focal, lines, plan, inpatient, start }) => {
    if (!focal?.coverage) return [];
    const { status, period } = focal.coverage;
    const at = `${focal.at}.coverage`;
    const byFirstDay =
      inpatient && (plan.coverageChange === 'admission' || plan.coverageChange === 'entitlement');
    return [
      ...unless(status === 'active', at, 'this coverage is not active'),
      ...lines.flatMap((line) =>
        unless(
          (byFirstDay ? [start] : [line.from, line.through]).every(
            (day) => day === undefined || contains(period, day),
          ),
          `${line.at}.serviced`,
          'the coverage is not in force on the date of this service',
        ),
      ),
    ];
  },
};
