import { isModifier } from '../../../terminology/modifier.ts';
import { modifierOn } from '../codes.ts';
import { fault, type ScrubRule } from '../rule.ts';

/** Every modifier exists on the day; those of CPT are taken by their form, origin and destination on ambulance codes only. */
export const modifierKnown: ScrubRule = {
  id: 'modifier-known',
  source: 'billing rule 29; HCPCS Level II modifiers of CMS',
  carc: '182',
  cure: 'Choose a modifier that is valid on the date for the code.',
  severity: 'error',
  check: (claim) =>
    claim.lines.flatMap(({ at, code, modifiers, from }) =>
      modifiers.flatMap((m, i) => {
        if (!/^[0-9A-Z]{2}$/.test(m) || isModifier(m, code)) return [];
        const on = from ?? claim.created;
        const { edition, isKnown } = modifierOn(claim, { modifier: m, code, on });
        if (isKnown) return [];
        const severity = edition.isInForce ? 'error' : 'warning';
        return [
          fault(`${at}.modifier[${i}]`, `this modifier is not in HCPCS Level II ${edition.name}`, severity),
        ];
      }),
    ),
};
