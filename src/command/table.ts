import { toText } from '../datatypes/cents.ts';
import type { Context } from '../interaction/context.ts';
import { readClock } from './seed/clock.ts';
import { amountNames, tableRows, totalOf, type Amounts } from './seed/tableRows.ts';

const heads: Readonly<Record<keyof Amounts, string>> = {
  charge: 'Charge',
  insurerPaid: 'Insurer paid',
  writtenOff: 'Written off',
  withInsurer: 'With insurer',
  patientPaid: 'Patient paid',
  patientOwes: 'Patient owes',
  credit: 'Credit',
};

/**
 * The table of the demo practice that a first start prints, straight from the ledger; every line:
 * charge = insurer paid + written off + with insurer + patient paid + patient owes − credit.
 */
export async function table(context: Context): Promise<string> {
  const rows = await tableRows(
    context,
    readClock().map(({ encounter }) => encounter),
  );
  const amounts = (of: Amounts): string[] => amountNames.map((name) => toText(of[name]));
  const lines = [
    ['Patient', 'Visit', ...amountNames.map((name) => heads[name]), 'Invoice'],
    ...rows.flatMap((row) => {
      const [invoice = '', ...more] = row.invoices.map((reference) => `${context.publicUrl}/${reference}`);
      const first = [row.patient, `${row.on} ${row.visit}`, ...amounts(row), invoice];
      return [first, ...more.map((url) => ['', '', ...amountNames.map(() => ''), url])];
    }),
    ['Total', '', ...amounts(totalOf(rows)), ''],
  ];
  return aligned(lines);
}

/** Text left, amounts right, a rule under the head and above the total. */
function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const isAmount = (i: number): boolean => i >= 2 && i < 2 + amountNames.length;
  const drawn = lines.map((line) =>
    line
      .map((cell, i) => (isAmount(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  const rule = '─'.repeat(Math.max(...drawn.map((line) => line.length)));
  return [drawn[0], rule, ...drawn.slice(1, -1), rule, drawn.at(-1)].join('\n');
}
