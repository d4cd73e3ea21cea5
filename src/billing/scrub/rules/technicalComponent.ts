import { unless, type ScrubRule } from '../rule.ts';

/** The technical component alone (TC) is the facility's, not a physician's, where the service was given in a facility. */
export const technicalComponent: ScrubRule = {
  id: 'technical-component',
  source: 'billing rule 31; Medicare Claims Processing Manual chapter 13, 20.2.1',
  carc: '5',
  cure: 'Bill modifier 26; the facility bills the rest.',
  severity: 'warning',
  check: ({ lines, form }) =>
    lines.flatMap(({ at, modifiers, place }) =>
      unless(
        form !== 'professional' || !modifiers.includes('TC') || !facility.test(place ?? ''),
        `${at}.modifier`,
        'the technical component is not payable to a physician in a facility',
      ),
    ),
};

const facility = /^(19|21|22|23|24|26|31|34|51|61)$/;
