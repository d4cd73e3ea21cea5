import { unless, type ScrubRule } from '../rule.ts';

/** Every line of a claim that is not institutional has a full date or period, from not after through (DTP 472). */
export const serviceDate: ScrubRule = {
  id: 'service-date',
  source: 'billing rule 27; 837P loop 2400 DTP 472',
  carc: '16',
  cure: 'Chart when the service was given.',
  severity: 'error',
  check: ({ lines, form }) =>
    lines.flatMap(({ item, at, from, through }) => {
      const given = item.servicedDate !== undefined || item.servicedPeriod !== undefined;
      const wanted = (form !== undefined && form !== 'institutional') || given;
      const sound = from !== undefined && through !== undefined && from <= through;
      return unless(
        !wanted || sound,
        `${at}.serviced`,
        'the date of this service is missing, no full date, or ends before it begins',
      );
    }),
};
