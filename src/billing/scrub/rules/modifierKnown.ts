import { covers } from '../../../terminology/edition.ts';
import { hcpcsEdition } from '../../../terminology/hcpcs.ts';
import { isModifier } from '../../../terminology/modifier.ts';
import { fault, type ScrubRule } from '../rule.ts';

/** Every modifier exists on the day; those of CPT are taken by their form, origin and destination on ambulance codes only. */
export const modifierKnown: ScrubRule = {
  id: 'modifier-known',
  source: 'billing rule 29; HCPCS Level II modifiers of CMS',
  carc: '182',
  cure: 'Choose a modifier that is valid on the date for the code.',
  severity: 'error',
  check: ({ lines, created }) =>
    lines.flatMap(({ at, code, modifiers, from }) =>
      modifiers.flatMap((m, i) => {
        if (!/^[0-9A-Z]{2}$/.test(m) || isModifier(m, code)) return [];
        const on = from ?? created;
        const severity = covers(hcpcsEdition(on), on) ? 'error' : 'warning';
        return [
          fault(
            `${at}.modifier[${i}]`,
            `this modifier is not in HCPCS Level II ${hcpcsEdition(on).name}`,
            severity,
          ),
        ];
      }),
    ),
};
