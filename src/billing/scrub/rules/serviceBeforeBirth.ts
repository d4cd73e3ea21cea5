import { unless, type ScrubRule } from '../rule.ts';

/** No service lies before the patient was born. */
export const serviceBeforeBirth: ScrubRule = {
  id: 'service-before-birth',
  source: 'billing rule 27; CARC 14',
  carc: '14',
  cure: 'Correct the date of birth or of the service.',
  severity: 'error',
  check: ({ lines, patient }) =>
    lines.flatMap(({ at, from }) =>
      unless(
        from === undefined || patient?.birthDate === undefined || from >= patient.birthDate,
        `${at}.serviced`,
        'this service lies before the birth of the patient',
      ),
    ),
};
