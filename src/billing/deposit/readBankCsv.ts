import { negate, exactCents, type Cents } from '../../datatypes/cents.ts';
import { isDate } from '../../datatypes/date.ts';
import { traced, type BankLine, type Statement } from './bankLine.ts';

/** Names of columns, as banks have them. */
const columns = {
  date: ['date', 'posting date', 'post date', 'posted', 'transaction date'],
  amount: ['amount', 'credit', 'credit amount', 'deposit'],
  reference: ['reference', 'reference number', 'check number', 'customer reference', 'bank reference', 'ref'],
  text: ['description', 'text', 'memo', 'details', 'addenda', 'transaction description'],
  account: ['account', 'account number'],
} as const;

/** The fields of each line; a field may be quoted, "" is a quote within. */
function rowsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, field = '', end = ''] of text.matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/g)) {
    row.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field.trim());
    if (end === ',') continue;
    if (row.some((one) => one !== '')) rows.push(row);
    row = [];
  }
  return rows;
}

/** `2026-02-04`, `02/04/2026` or `20260204`. */
function dateIn(text: string): string | undefined {
  const us = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text);
  const digits = /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  const date = us
    ? `${us[3] ?? ''}-${(us[1] ?? '').padStart(2, '0')}-${(us[2] ?? '').padStart(2, '0')}`
    : digits
      ? digits.slice(1).join('-')
      : text;
  return isDate(date) ? date : undefined;
}

/** `1,234.50`, `$12.00`, `(12.00)` for what went out. */
function amountIn(text: string): Cents | undefined {
  const plain = text.replaceAll(/[$,\s]/g, '');
  const match = /^(\()?([+-]?\d{1,12}(?:\.\d{1,2})?)\)?$/.exec(plain);
  return match ? exactCents(Number(match[1] === undefined ? match[2] : `-${match[2] ?? ''}`)) : undefined;
}

/** A statement as comma-separated values with a head line: a date and an amount, and what else the bank tells. */
export function readBankCsv(text: string): Statement {
  const [head = [], ...rows] = rowsOf(text.replace(/^\uFEFF/, ''));
  const at = (of: readonly string[]): number => head.findIndex((name) => of.includes(name.toLowerCase()));
  const [date, amount] = [at(columns.date), at(columns.amount)];
  if (date < 0 || amount < 0)
    return {
      ...{ lines: [], debits: [], paidOut: [] },
      faults: ['the head line names no column of dates, or none of amounts'],
    };
  const texts = head.flatMap((name, i) => (columns.text.some((n) => n === name.toLowerCase()) ? [i] : []));
  const [reference, account] = [at(columns.reference), at(columns.account)];
  const lines: BankLine[] = [];
  const debits: Cents[] = [];
  const paidOut: BankLine[] = [];
  const faults: string[] = [];
  for (const [n, row] of rows.entries()) {
    const said = row[amount] ?? '';
    if (said === '' && row.some((one) => one !== '')) continue; // what went out stands in a column of its own
    const [day, value] = [dateIn(row[date] ?? ''), amountIn(said)];
    if (day === undefined || value === undefined) faults.push(`line ${n + 2} has no date or no amount`);
    else {
      const line = traced({
        ...{ account: row[account] ?? '', date: day, amount: value, reference: row[reference] ?? '' },
        text: texts
          .map((i) => row[i] ?? '')
          .join(' ')
          .trim(),
      });
      if (value > 0) lines.push(line);
      else {
        debits.push(value);
        paidOut.push({ ...line, amount: negate(value) });
      }
    }
  }
  return { lines, debits, paidOut, faults };
}
