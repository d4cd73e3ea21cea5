import { toText } from '../datatypes/cents.ts';
import type { Context } from '../interaction/context.ts';
import { readClock } from './seed/clock.ts';
import { amountNames, tableRows, totalOf, type Amounts, type Row } from './seed/tableRows.ts';

/** The head of each amount, in two lines so that a column is no wider than what stands in it. */
const heads: Readonly<Record<keyof Amounts, readonly [string, string]>> = {
  charge: ['', 'Charge'],
  insurerPaid: ['Insurer', 'paid'],
  writtenOff: ['Written', 'off'],
  withInsurer: ['With', 'insurer'],
  patientPaid: ['Patient', 'paid'],
  patientOwes: ['Patient', 'owes'],
  credit: ['', 'Credit'],
};

/** Columns of a terminal that what a start prints fits into. */
const widthMax = 120;

/**
 * The table of the demo practice that a first start prints, straight from the ledger; every line:
 * charge = insurer paid + written off + with insurer + patient paid + patient owes − credit.
 * Below it where each Invoice is.
 */
export async function table(context: Context): Promise<string> {
  const rows = await tableRows(
    context,
    readClock().map(({ encounter }) => encounter),
  );
  const amounts = (of: Amounts): string[] => amountNames.map((name) => toText(of[name]));
  const lines = [
    ['', '', ...amountNames.map((name) => heads[name][0])],
    ['Patient', 'Visit', ...amountNames.map((name) => heads[name][1])],
    ...rows.map((row) => [row.patient, `${row.on} ${row.visit}`, ...amounts(row)]),
    ['Total', '', ...amounts(totalOf(rows))],
  ];
  return `${aligned(lines)}\n\n${invoiceLinks(rows, context.publicUrl)}`;
}

/** The link of each Invoice beside its patient; below each other where both do not fit into a line. */
function invoiceLinks(rows: readonly Row[], publicUrl: string): string {
  const width = Math.max(...rows.map(({ patient }) => patient.length));
  const lines = rows.flatMap(({ patient, invoices }) =>
    invoices.map((reference, i) => {
      const url = `${publicUrl}/${reference}`;
      const name = i === 0 ? patient : '';
      if (width + 2 + url.length <= widthMax) return `${name.padEnd(width)}  ${url}`;
      return name === '' ? url : `${name}\n${url}`;
    }),
  );
  return ['Invoices', ...lines].join('\n');
}

/** Text left, amounts right, a rule under the two lines of the head and above the total. */
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
  return [...drawn.slice(0, 2), rule, ...drawn.slice(2, -1), rule, drawn.at(-1)].join('\n');
}
