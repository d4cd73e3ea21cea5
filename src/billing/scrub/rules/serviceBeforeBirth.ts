import { daysBetween } from '../../../datatypes/date.ts';
import { dayOf } from '../line.ts';
import { fault, type ScrubRule } from '../rule.ts';

/** No service lies before the patient was born; one day may be the time zone's doing and is a warning. */
export const serviceBeforeBirth: ScrubRule = {
  id: 'service-before-birth',
  source: 'billing rule 27; CARC 14',
  carc: '14',
  cure: 'Correct the date of birth or of the service.',
  severity: 'error',
  check: ({ lines, patient }) => {
    const born = dayOf(patient?.birthDate);
    return lines.flatMap(({ at, from }) => {
      const before = born === undefined || from === undefined ? 0 : daysBetween(from, born);
      const text = 'this service lies before the birth of the patient';
      return before <= 0 ? [] : [fault(`${at}.serviced`, text, before === 1 ? 'warning' : 'error')];
    });
  },
};
