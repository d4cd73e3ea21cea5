import { isEmergencyVisit, isHospitalVisit, isOfficeVisit } from '../../../terminology/serviceKind.ts';
import { fault, type ScrubRule } from '../rule.ts';

/** The code of a visit fits the place: hospital, emergency department, office. */
export const visitPlace: ScrubRule = {
  id: 'visit-place',
  source: 'billing rule 35; Medicare Claims Processing Manual chapter 12, 30.6',
  carc: '5',
  cure: 'Choose the visit code of the place, or correct the place.',
  severity: 'warning',
  check: ({ lines, form }) =>
    form !== 'professional'
      ? []
      : lines.flatMap(({ at, code = '', place }) => {
          const wrong = pairs.some(
            ([isOfKind, fits]) => place !== undefined && isOfKind(code) && !fits.test(place),
          );
          return wrong
            ? [fault(`${at}.productOrService`, 'this visit is not of the place it was given in')]
            : [];
        }),
};

const pairs: readonly (readonly [(code: string) => boolean, RegExp])[] = [
  [isHospitalVisit, /^(02|10|19|21|22|23|51|52|61)$/],
  [isEmergencyVisit, /^(02|10|23)$/],
  [isOfficeVisit, /^(?!(21|51|61)$)/],
];
