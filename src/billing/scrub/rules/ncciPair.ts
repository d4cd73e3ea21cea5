import { holdsOn, pairEdit, pairKey } from '../../../terminology/table/ncci.ts';
import type { Line } from '../line.ts';
import { fault, type ScrubRule } from '../rule.ts';
import { pairTable } from '../tables.ts';
import type { ClaimView } from '../view.ts';

/** No service stands beside another one that includes it, on one day and by one provider, unless a modifier says that it was distinct. */
export const ncciPair: ScrubRule = {
  id: 'ncci-pair',
  source: 'billing rule 33; NCCI procedure-to-procedure edits of CMS, as the practice loaded them',
  carc: '236',
  cure: 'Leave the included service out, or say with 59, XE, XP, XS, XU or another modifier that it was distinct.',
  severity: 'error',
  check: (claim) => {
    const { form, inpatient, served } = claim;
    const table = pairTable(form, inpatient);
    if (table === undefined) return [];
    return served.flatMap(({ line, isOwn, by }) =>
      served.flatMap((other) => {
        const { line: first, by: firstBy } = other;
        if (first === line || first.from !== line.from || firstBy !== by) return [];
        const found = judged(claim, table, first, line);
        if (found === undefined) return [];
        if (isOwn) return [fault(`${line.at}.productOrService`, told[found])];
        // the included service was billed before: its payer takes it back
        return other.isOwn
          ? [
              fault(
                `${first.at}.productOrService`,
                'this service includes one that an earlier claim has',
                'warning',
              ),
            ]
          : [];
      }),
    );
  },
};

const told = {
  never: 'this service is included in another one of the same day, whatever modifier it has',
  'by-modifier':
    'this service is included in another one of the same day, and no modifier says that it was distinct',
};

/** What the pair earns on its day; undefined where it may stand. */
function judged(
  { tables }: ClaimView,
  table: NonNullable<ReturnType<typeof pairTable>>,
  first: Line,
  second: Line,
): keyof typeof told | undefined {
  if (first.code === undefined || second.code === undefined || second.from === undefined) return undefined;
  const on = second.from;
  const rows = tables?.rows({ table, on, key: pairKey(first.code, second.code) }) ?? [];
  const edits = rows.flatMap((row) => pairEdit(row) ?? []).filter((edit) => holdsOn(edit, on));
  if (edits.some(({ bypass }) => bypass === 'never')) return 'never';
  const isDistinct = [...first.modifiers, ...second.modifiers].some((m) => distinct.has(m));
  return edits.some(({ bypass }) => bypass === 'by-modifier') && !isDistinct ? 'by-modifier' : undefined;
}

/** The modifiers that NCCI takes for a reason to pay both: sites, vessels, visits beside procedures, distinct services. */
const distinct = new Set(
  (
    'E1 E2 E3 E4 FA F1 F2 F3 F4 F5 F6 F7 F8 F9 TA T1 T2 T3 T4 T5 T6 T7 T8 T9 LT RT LC LD RC LM RI ' +
    '24 25 27 57 58 78 79 59 91 XE XP XS XU'
  ).split(' '),
);
