import { dayOf } from '../line.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** No service lies after the patient died. */
export const serviceAfterDeath: ScrubRule = {
  id: 'service-after-death',
  source: 'billing rule 27; CARC 13',
  carc: '13',
  cure: 'Correct the date of death or of the service.',
  severity: 'error',
  check: ({ lines, patient }) => {
    const died = dayOf(patient?.deceasedDateTime);
    return lines.flatMap(({ at, from }) =>
      unless(
        from === undefined || died === undefined || from <= died,
        `${at}.serviced`,
        'this service lies after the death of the patient',
      ),
    );
  },
};
