import { cents, sum, type Cents } from '../../datatypes/cents.ts';
import { isDate } from '../../datatypes/date.ts';
import { dayOf, traced, type BankLine, type Statement } from './bankLine.ts';

/** A record with its continuations (88): its fields, and its text. */
interface Record {
  readonly code: string;
  readonly text: string;
}

/** Joins each record with the lines 88 that continue it. */
function records(text: string): Record[] {
  const found: { code: string; text: string }[] = [];
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trimEnd();
    if (trimmed === '') continue;
    const code = trimmed.slice(0, 2);
    const last = found.at(-1);
    if (code === '88' && last) last.text = `${last.text.replace(/\/$/, ',')}${trimmed.slice(3)}`;
    else found.push({ code, text: trimmed });
  }
  return found;
}

/** Whole cents without a decimal point, as BAI2 has them. */
const amountOf = (text: string): Cents | undefined =>
  /^[+-]?\d{1,15}$/.test(text) ? cents(Number(text)) : undefined;

/** How many fields the type of funds (third field of a 16) has behind it. */
function fundsFields(fields: readonly string[]): number {
  const type = fields[3] ?? '';
  if (type === 'S') return 3;
  if (type === 'V') return 2;
  return type === 'D' ? 1 + 2 * Number(fields[4] ?? 0) : 0;
}

/** Credits have type codes 100 to 399, debits 400 to 699; a detail is no summary. */
const isCredit = (type: number): boolean => type >= 100 && type < 400;

/**
 * A statement in BAI2: records 02 (group, with its day), 03 (account), 16 (transaction), 49 (end of an account, with the
 * sum of all its amounts). An account whose amounts do not add up is a fault. Cash Management Balance Reporting, version 2
 */
export function readBai2(text: string): Statement {
  const lines: BankLine[] = [];
  const debits: Cents[] = [];
  const paidOut: BankLine[] = [];
  const faults: string[] = [];
  let [day, account] = ['', ''];
  let total: Cents[] = [];
  for (const [n, { code, text: all }] of records(text).entries()) {
    const fields = all.replace(/\/$/, '').split(',');
    if (code === '02') {
      day = dayOf(fields[4] ?? '') ?? '';
      if (!isDate(day)) faults.push(`record ${n + 1} (02) has no day`);
    } else if (code === '03') {
      account = fields[1] ?? '';
      total = summaryAmounts(fields);
    } else if (code === '16') {
      const amount = amountOf(fields[2] ?? '');
      const type = Number(fields[1]);
      if (amount === undefined || !Number.isInteger(type)) {
        faults.push(`record ${n + 1} (16) has no type or no amount`);
        continue;
      }
      total.push(amount);
      const at = 4 + fundsFields(fields);
      const [bank = '', customer = ''] = fields.slice(at, at + 2);
      const rest = fields
        .slice(at + 2)
        .join(',')
        .trim();
      const line = traced({ account, date: day, amount, reference: customer || bank, text: rest });
      if (isCredit(type)) lines.push(line);
      else {
        debits.push(amount);
        paidOut.push(line);
      }
    } else if (code === '49' && amountOf(fields[1] ?? '') !== sum(total))
      faults.push(`the account that ends with record ${n + 1} (49) does not add up to its control total`);
  }
  return { lines, debits, paidOut, faults };
}

/** The amounts of the status and summary parts of a record 03: each type with amount, count and type of funds. */
function summaryAmounts(fields: readonly string[]): Cents[] {
  const amounts: Cents[] = [];
  for (let at = 3; at < fields.length;) {
    const amount = amountOf(fields[at + 1] ?? '');
    if (amount !== undefined) amounts.push(amount);
    at += 4 + fundsFields(['', '', '', ...fields.slice(at + 3)]);
  }
  return amounts;
}
