import { daysBetween } from '../../../datatypes/date.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** The claim is made in time: one year from the last service, or the days of the plan; a later payer's clock starts with the answer before. */
export const timelyFiling: ScrubRule = {
  id: 'timely-filing',
  source: 'billing rule 17; 42 CFR 424.44, 42 CFR 447.45',
  carc: '29',
  cure: 'Send at once with proof why it is late; the patient does not owe what is denied for this.',
  severity: 'warning',
  check: ({ insurances, focal, lines, end, created, plan }) => {
    const first = insurances.every((i) => i.element.sequence >= (focal?.element.sequence ?? 1));
    const days = [end, ...lines.map((l) => l.through)].flatMap((day) => day ?? []).sort();
    const last = days.at(-1);
    return unless(
      !first || last === undefined || daysBetween(last, created) <= (plan.filingDays ?? 365),
      'Claim.created',
      'the time to file a claim for this service has passed',
    );
  },
};
