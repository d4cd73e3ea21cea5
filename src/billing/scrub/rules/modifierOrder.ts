import { fault, type ScrubRule } from '../rule.ts';

/** Modifiers that change the price stand before those that only explain: many payers read the first alone. */
export const modifierOrder: ScrubRule = {
  id: 'modifier-order',
  source: 'billing rule 29; 837 SV101-3 to SV101-6',
  carc: '4',
  cure: 'Put the modifiers that change the price first.',
  severity: 'warning',
  check: ({ lines }) =>
    lines.flatMap(({ at, modifiers }) => {
      const late = modifiers.findIndex((m, i) => pricing.has(m) && modifiers.slice(0, i).some(explains));
      return late < 0
        ? []
        : [
            fault(
              `${at}.modifier[${late}]`,
              'this modifier changes the price and stands behind one that does not',
            ),
          ];
    }),
};

/** Components, sides done together, more or less work, parts of a surgery, several surgeons, anaesthesia. */
const pricing = new Set('26 TC 50 22 52 53 54 55 56 62 66 78 80 81 82 AS AA AD QK QX QY QZ'.split(' '));
const explains = (modifier: string): boolean => !pricing.has(modifier);
