import { isMileage } from '../../../terminology/hcpcs.ts';
import { isJourney } from '../../../terminology/modifier.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** An ambulance ride and its miles say from where to where, in a modifier of two letters. */
export const ambulanceModifier: ScrubRule = {
  id: 'ambulance-modifier',
  source: 'billing rule 29; Medicare Claims Processing Manual chapter 15, 30',
  carc: '4',
  cure: 'Chart origin and destination of the ride.',
  severity: 'warning',
  check: ({ lines }) =>
    lines.flatMap(({ at, code = '', modifiers }) =>
      unless(
        !isRide(code) || modifiers.some(isJourney),
        `${at}.modifier`,
        'the ride does not say from where to where',
      ),
    ),
};

const isRide = (code: string): boolean =>
  /^A04(2[5-9]|3[0-6])$/.test(code) || (code.startsWith('A0') && isMileage(code));
