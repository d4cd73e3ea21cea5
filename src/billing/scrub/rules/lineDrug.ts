import { codeOf } from '../../../datatypes/coding.ts';
import { ndcOf, ndcSystems } from '../../../terminology/ndc.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** The drug of a medical line is an NDC of eleven digits, with how much of it in a unit that X12 knows (LIN, CTP). */
export const lineDrug: ScrubRule = {
  id: 'line-drug',
  source: 'billing rule 26; 837 loop 2410 LIN and CTP',
  carc: '16',
  cure: 'Give the NDC as eleven digits, its quantity, and its unit: UN, mL, g, mg or [iU].',
  severity: 'error',
  check: ({ lines, form }) =>
    form === 'pharmacy'
      ? []
      : lines.flatMap(({ item, at }) =>
          (item.detail ?? []).flatMap(({ productOrService, quantity }, i) => {
            const code = codeOf(productOrService, ...ndcSystems);
            if (code === undefined) return [];
            const place = `${at}.detail[${i}]`;
            return [
              ...unless('ndc' in ndcOf(code), `${place}.productOrService`, 'this NDC has no eleven digits'),
              ...unless((quantity?.value ?? 0) > 0, `${place}.quantity`, 'how much of this drug is not said'),
              ...unless(
                quantity?.code === undefined || units.has(quantity.code),
                `${place}.quantity.code`,
                'this unit of a drug is none that X12 knows',
              ),
            ];
          }),
        ),
};

const units = new Set(['1', 'mL', 'g', 'mg', '[iU]']);
