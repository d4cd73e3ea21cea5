import { daysBetween } from '../../../datatypes/date.ts';
import { isHospitalVisit } from '../../../terminology/serviceKind.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Daily visits on one line are as many as the days from its first to its last. */
export const daysOfSpan: ScrubRule = {
  id: 'days-of-span',
  source: 'billing rule 27; 837P DTP 472 and SV104',
  carc: '16',
  cure: 'Count a unit a day, or bill each day on a line of its own.',
  severity: 'warning',
  check: ({ lines, form }) =>
    form !== 'professional'
      ? []
      : lines.flatMap(({ at, code = '', from, through, units }) =>
          unless(
            !isHospitalVisit(code) ||
              from === undefined ||
              through === undefined ||
              from >= through ||
              units === daysBetween(from, through) + 1,
            `${at}.quantity`,
            'the units of these daily visits are not the days of their span',
          ),
        ),
};
