import type { LedgerAccount } from '../../datatypes/entry.ts';
import type { AdviceAdjustment } from './advice.ts';

/** What an adjustment means for the money of a claim. */
export type AdjustmentClass =
  | 'contractual'
  | 'capitation'
  | 'withhold'
  | 'tax'
  | 'penalty'
  | 'bundled'
  | 'denial'
  | 'paid-to-patient'
  | 'prior-payer'
  | 'informational'
  | 'patient'; // group PR: the next payer's, else the patient's

/** A row: group and CARC, of one payer or any, with one RARC or any. The narrower row wins. */
export interface ClassRow {
  readonly group: AdviceAdjustment['group'] | '*';
  readonly reason: string;
  readonly remark?: string;
  readonly payer?: string; // Organization/1
  readonly class: AdjustmentClass;
}

/** The account an adjustment of a class is taken to; undefined where the money stays on the claim. */
export const accountOfClass: Readonly<Partial<Record<AdjustmentClass, LedgerAccount>>> = {
  contractual: 'contractual-adjustment',
  capitation: 'capitation-adjustment',
  withhold: 'withhold-receivable',
  tax: 'tax-withheld',
  penalty: 'penalty-adjustment',
};

const rows = (of: AdjustmentClass, group: ClassRow['group'], reasons: readonly string[]): ClassRow[] =>
  reasons.map((reason) => ({ group, reason, class: of }));

/** The shipped table. A practice adds to it by a ConceptMap; see docs/decision/0036. Unknown is denial. */
export const shippedClasses: readonly ClassRow[] = [
  ...rows('contractual', 'CO', ['45', '59', '94', '253', '172', '131', '44']),
  ...rows('contractual', 'PI', ['45', '59', '94', '253']),
  ...rows('contractual', 'OA', ['45', '94']),
  ...rows('capitation', '*', ['24']),
  ...rows('withhold', '*', ['104']),
  ...rows('tax', '*', ['105']),
  ...rows('penalty', '*', ['237', 'B4']),
  ...rows('bundled', '*', ['97', '231', '234', '236', 'B10', 'B15']),
  ...rows('paid-to-patient', '*', ['100']),
  ...rows('prior-payer', '*', ['23']),
  ...rows('informational', 'OA', ['18', '133']),
];

/** Looks an adjustment up. PR is the patient's, except capitation, withheld amounts and what was paid to him. */
export function classOf(
  { group, reason }: Pick<AdviceAdjustment, 'group' | 'reason'>,
  of: { readonly remarks: readonly string[]; readonly payer: string },
  table: readonly ClassRow[] = shippedClasses,
): AdjustmentClass {
  if (group === 'PR') return 'patient';
  const fits = table.filter(
    (row) =>
      row.reason === reason &&
      (row.group === '*' || row.group === group) &&
      (row.remark === undefined || of.remarks.includes(row.remark)) &&
      (row.payer === undefined || row.payer === of.payer),
  );
  const narrowness = (row: ClassRow): number =>
    (row.payer === undefined ? 0 : 4) + (row.remark === undefined ? 0 : 2) + (row.group === '*' ? 0 : 1);
  // of rows as narrow the later one counts: what a practice adds comes after what is shipped
  let best: ClassRow | undefined;
  for (const row of fits) if (!best || narrowness(row) >= narrowness(best)) best = row;
  return best?.class ?? 'denial';
}
