import { standing } from '../earlier.ts';
import { linesOf, type Line } from '../line.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** No line repeats an earlier claim of the patient: same biller, date, service, modifiers, units and amount, same payer. */
export const duplicateClaim: ScrubRule = {
  id: 'duplicate-claim',
  source: 'billing rule 39; CARC 18',
  carc: '18',
  cure: 'Check whether it was given twice: then modifier 76, 77 or 91; else do not send, or replace the claim.',
  severity: 'warning',
  check: ({ claim, lines, earlier, known }) => {
    const others = standing(claim, earlier);
    if (others.length === 0) return [];
    const keys = new Set(others.flatMap((other) => linesOf(other, known).map(keyOf)));
    return lines.flatMap((line) =>
      unless(!keys.has(keyOf(line)), line.at, 'this service was billed on an earlier claim'),
    );
  },
};

const keyOf = ({ item, code, modifiers, revenue, from, through, units }: Line): string =>
  JSON.stringify([
    code ?? item.productOrService.coding?.[0]?.code,
    [...modifiers].sort(),
    revenue,
    from,
    through,
    units,
    item.net?.value,
  ]);
