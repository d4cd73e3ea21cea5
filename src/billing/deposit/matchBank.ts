import { subtract, sum, type Cents } from '../../datatypes/cents.ts';
import { daysBetween } from '../../datatypes/date.ts';
import type { BankLine } from './bankLine.ts';

/** Money that should come into the bank: a payment of a payer, or a batch. */
export interface Expected {
  readonly name: string; // PaymentReconciliation/1 or Basic/1
  readonly amount: Cents;
  readonly date: string;
  readonly trace?: string | undefined;
  readonly payerTin?: string | undefined;
  readonly issuer?: string | undefined; // who pays: payments of one issuer and day may come together
}

/** A line as it is kept. */
export interface KeptLine extends BankLine {
  readonly name: string; // Basic/1
}

/** What a line is the money of. `difference` is what the line has more than they say. */
export interface BankMatch {
  readonly line: KeptLine;
  readonly to: readonly Expected[];
  readonly difference: Cents;
}

/** Days that a bank takes to show money, either way. Billing rule 64 */
const days = 5;
const isNear = (a: string, b: string): boolean => Math.abs(daysBetween(a, b)) <= days;
const total = (of: readonly Expected[]): Cents => sum(of.map((e) => e.amount));

/**
 * Which line is the money of what: by the numbers it names; else, where it names no 835, by its amount about its day,
 * and only where nothing else has that amount; else by all that one payer pays on one day.
 */
export function matchBank(lines: readonly KeptLine[], expected: readonly Expected[]): BankMatch[] {
  const left = new Set(expected);
  const open = new Set(lines);
  const found: BankMatch[] = [];
  const take = (line: KeptLine, to: readonly Expected[]): void => {
    for (const one of to) left.delete(one);
    open.delete(line);
    found.push({ line, to, difference: subtract(line.amount, total(to)) });
  };
  for (const line of lines) {
    const named = [...left].filter((e) => isNamed(line, e));
    const exact = named.filter((e) => e.amount === line.amount);
    if (exact.length === 1) take(line, exact);
    // one number twice tells nothing
    else if (named.length > 0 && new Set(named.map((e) => e.trace)).size === named.length) take(line, named);
  }
  for (const line of [...open].filter((l) => l.payerTin === undefined)) {
    const alike = [...left].filter((e) => e.amount === line.amount && isNear(e.date, line.date));
    const rivals = [...open].filter((l) => l.amount === line.amount && isNear(l.date, line.date));
    if (alike.length === 1 && rivals.length === 1) take(line, alike);
  }
  for (const line of [...open].filter((l) => l.payerTin === undefined)) {
    const groups = [...Map.groupBy([...left], (e) => `${e.issuer ?? ''}|${e.date}`).values()].filter(
      (g) => g.length > 1 && g[0]?.issuer !== undefined && isNear(g[0].date, line.date),
    );
    const alike = groups.filter((g) => total(g) === line.amount);
    if (alike.length === 1 && alike[0]) take(line, alike[0]);
  }
  return found;
}

/** A number tells a payment only with its payer, where both are known. */
const isNamed = (line: BankLine, { trace, payerTin }: Expected): boolean =>
  trace !== undefined &&
  line.traces.some((t) => t.toUpperCase() === trace.toUpperCase()) &&
  (payerTin === undefined || line.payerTin === undefined || payerTin === line.payerTin);
