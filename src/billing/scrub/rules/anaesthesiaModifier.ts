import { isAnaesthesia } from '../../../terminology/serviceKind.ts';
import { fault, unless, type ScrubRule } from '../rule.ts';

/** Anaesthesia is counted in minutes and says who gave it; the modifiers that say so are of anaesthesia only. */
export const anaesthesiaModifier: ScrubRule = {
  id: 'anaesthesia-modifier',
  source: 'billing rules 25 and 30; Medicare Claims Processing Manual chapter 12, 50',
  carc: '4',
  cure: 'Give anaesthesia its minutes and one of AA, AD, QK, QX, QY, QZ; leave these off other services.',
  severity: 'warning',
  check: ({ lines, form }) => {
    if (form !== 'professional') return [];
    return lines.flatMap(({ at, item, code = '', modifiers }) => {
      const place = `${at}.modifier`;
      const given = modifiers.some((m) => /^(AA|AD|QK|QX|QY|QZ)$/.test(m));
      if (!isAnaesthesia(code))
        return given ? [fault(place, 'a modifier of anaesthesia stands with another service')] : [];
      return [
        ...unless(given, place, 'this anaesthesia does not say who gave it'),
        ...unless(item.quantity?.code === 'min', `${at}.quantity`, 'anaesthesia is counted in minutes'),
      ];
    });
  },
};
