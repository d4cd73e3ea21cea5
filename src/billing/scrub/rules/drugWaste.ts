import { isDrug } from '../../../terminology/serviceKind.ts';
import { fault, unless, type ScrubRule } from '../rule.ts';

/** Modifiers JW and JZ are of drugs; what was thrown away (JW) stands beside what was given of the same drug. */
export const drugWaste: ScrubRule = {
  id: 'drug-waste',
  source: 'billing rule 30; Medicare Claims Processing Manual chapter 17, 40',
  carc: '4',
  cure: 'Bill what was given on a line of its own, without JW; JZ where nothing was thrown away.',
  severity: 'warning',
  check: ({ lines }) =>
    lines.flatMap(({ at, code = '', modifiers, from }) => {
      const place = `${at}.modifier`;
      if (!modifiers.includes('JW') && !modifiers.includes('JZ')) return [];
      if (!isDrug(code)) return [fault(place, 'JW and JZ are of drugs, and this line is none')];
      const rest = lines.filter((l) => l.at !== at && l.code === code && l.from === from);
      return modifiers.includes('JW')
        ? unless(
            rest.some((l) => !l.modifiers.includes('JW')),
            place,
            'what was thrown away stands without what was given',
          )
        : unless(
            !rest.some((l) => l.modifiers.includes('JW')),
            place,
            'one line says that nothing of this drug was thrown away, another that some was',
          );
    }),
};
