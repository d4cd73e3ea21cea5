import type { Cents } from '../../datatypes/cents.ts';

/** Money that came into an account of the practice, as its bank tells. */
export interface BankLine {
  readonly account: string; // as the bank names it; '' where it names none
  readonly date: string; // FHIR date
  readonly amount: Cents;
  readonly reference: string; // the bank's or the customer's number of it
  readonly text: string;
  /** Numbers of payments it names: TRN02 of an addendum (CCD+), and its own reference. */
  readonly traces: readonly string[];
  /** The tax number of the payer in the addendum: TRN03 without its leading 1. Without addendum: none. */
  readonly payerTin?: string;
}

/** What was read of a statement. */
export interface Statement {
  readonly lines: readonly BankLine[];
  /** Money that went out, or was taken back: it is no deposit. */
  readonly debits: readonly Cents[];
  /** The same with what the bank tells of them; amounts are positive. */
  readonly paidOut: readonly BankLine[];
  /** What cannot be read, or does not add up: one sentence each, without values. */
  readonly faults: readonly string[];
}

/** TRN segments in the text of a line: an addendum of an ACH payment says which 835 it belongs to. Billing rule 64. */
export function traced(line: Omit<BankLine, 'traces' | 'payerTin'>): BankLine {
  const found = [...line.text.matchAll(/TRN\*1\*([^*~\\\s]{1,50})(?:\*1?(\d{9}))?/g)];
  const tin = found[0]?.[2];
  const traces = [
    ...found.map(([, trace = '']) => trace),
    ...(line.reference === '' ? [] : [line.reference]),
  ];
  return { ...line, traces: [...new Set(traces)], ...(tin === undefined ? {} : { payerTin: tin }) };
}

/** Whether the line is the money of an 835: its addendum names one. */
export const isRemitted = ({ text }: Pick<BankLine, 'text'>): boolean => /TRN\*1\*[^*~\\\s]/.test(text);

/** A date of eight digits, or six (a year of this century). */
export function dayOf(text: string): string | undefined {
  const [, year = '', month = '', day = ''] = /^(\d{2}|\d{4})(\d{2})(\d{2})$/.exec(text) ?? [];
  return year === '' ? undefined : `${year.length === 2 ? '20' : ''}${year}-${month}-${day}`;
}
