import { feeRules, type FeeRules } from '../../terminology/table/feeSchedule.ts';
import type { Line } from './line.ts';
import type { ClaimView } from './view.ts';

/** What the loaded fee schedule says of a service on a day; the row without modifier, where there is one. */
export function feesOf(
  { tables }: Pick<ClaimView, 'tables'>,
  code: string | undefined,
  on: string | undefined,
): FeeRules | undefined {
  if (!tables || code === undefined || on === undefined) return undefined;
  const rows = tables.rows({ table: 'fee-schedule', on, key: code }).flatMap((row) => feeRules(row) ?? []);
  return rows.find(({ modifier }) => modifier === '') ?? rows[0];
}

/** The lines of a professional claim with what the fee schedule says of them. */
export const linesWithFees = (claim: ClaimView): { readonly line: Line; readonly fees: FeeRules }[] =>
  claim.form !== 'professional'
    ? []
    : claim.lines.flatMap((line) => {
        const fees = feesOf(claim, line.code, line.from);
        return fees ? [{ line, fees }] : [];
      });
