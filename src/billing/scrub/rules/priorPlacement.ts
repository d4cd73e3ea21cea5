import { dayOf } from '../line.ts';
import { supporting } from '../view.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** A prosthesis that replaces another says when that one was placed, before the service (DTP 441). */
export const priorPlacement: ScrubRule = {
  id: 'prior-placement',
  source: 'ADA dental claim form boxes 43 and 44; 837D loop 2400 SV305 and DTP 441',
  carc: '16',
  cure: 'Chart when the prosthesis that is replaced was placed.',
  severity: 'warning',
  check: ({ claim, form, end }) =>
    form !== 'oral'
      ? []
      : supporting(claim, 'prosthesis').flatMap(({ element: { valueBoolean, timingDate }, at }) => {
          const placed = dayOf(timingDate);
          return [
            ...unless(
              valueBoolean !== true || placed !== undefined,
              `${at}.timing`,
              'a prosthesis is replaced and nobody says when the former was placed',
            ),
            ...unless(
              placed === undefined || end === undefined || placed <= end,
              `${at}.timing`,
              'the former prosthesis was placed after the service',
            ),
          ];
        }),
};
