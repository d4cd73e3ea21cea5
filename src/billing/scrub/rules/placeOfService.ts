import { isPlaceOfService } from '../../../terminology/placeOfService.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Every professional or oral line says where the service was given, with a code of CMS (CLM05-1, SV105, SV303). */
export const placeOfService: ScrubRule = {
  id: 'place-of-service',
  source: 'billing rules 13 and 25; CMS Place of Service Code Set',
  carc: '5',
  cure: 'Code the type of the Location with its place of service.',
  severity: 'error',
  check: ({ lines, form }) =>
    lines.flatMap(({ at, place }) =>
      unless(
        place === undefined ? form !== 'professional' && form !== 'oral' : isPlaceOfService(place),
        `${at}.locationCodeableConcept`,
        'this line has no place of service that CMS knows',
      ),
    ),
};
