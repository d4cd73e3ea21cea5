import { dayNumber } from '../../datatypes/dayNumber.ts';
import type { LedgerAccount } from '../../datatypes/entry.ts';
import type { Books, Row } from './books.ts';

/** By what figures are divided. */
export const dimensions = [
  'payer',
  'provider',
  'place',
  'month',
  'account',
  'reason',
  'carc',
  'bucket',
  'method',
] as const;
export type Dimension = (typeof dimensions)[number];

/** From which day receivables age: the service, the first bill for it, or when whoever owes it began to. */
export const anchors = ['service', 'first-bill', 'responsibility'] as const;
export type Anchor = (typeof anchors)[number];

/** What a report is asked about: the books of one practice and a period of posting dates. */
export interface Scope {
  readonly books: Books;
  readonly practice: string; // Organization/1
  readonly start: string;
  readonly end: string;
  readonly anchor: Anchor;
  /** What is kept beside claims (Claim/1) and not posted, in cents by figure. */
  readonly kept?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** One addition to a figure. `posting` is what it is from; `in` says where it counts, where that is not what it says. */
export interface Fact {
  readonly figure: string;
  readonly part?: 'numerator' | 'denominator'; // of a quotient; none: the figure is a sum
  readonly amount: number; // cents, days, or one
  readonly posting: number;
  readonly row?: Row; // the same, where it was read already
  readonly in?: Readonly<Partial<Record<Dimension, string>>>;
}

/** A figure of a report. */
export interface Figure {
  readonly code: string;
  readonly text: string;
  /** Of a quotient what it is of: `percent` and `days` are numerator ÷ denominator. */
  readonly kind: 'money' | 'count' | 'percent' | 'days';
  /** What parts of a quotient are. */
  readonly of?: 'money' | 'count' | 'days';
  /** Multiplies a quotient: days in A/R are receivables ÷ revenue × days of the period. */
  readonly times?: (scope: Scope) => number;
  readonly ways: readonly Dimension[]; // by which it may be divided
}

export interface Report {
  readonly id: string; // of its Measure
  readonly title: string;
  readonly description: string; // formulas included
  readonly figures: readonly Figure[];
  /** Yields undefined now and then, so that others get their turn. */
  readonly facts: (scope: Scope) => Iterable<Fact | undefined>;
}

/** Postings looked at between two turns of others: well below a millisecond. */
const atOnce = 16_384;

/** The days of some postings, and the accounts that they are on; all accounts where none is said. */
export interface Range {
  readonly from: number;
  readonly through: number;
  readonly on?: (account: LedgerAccount) => boolean;
}

/** The postings of a practice in a range, as their numbers; undefined now and then. */
export function* postingsOf(
  { books, practice }: Pick<Scope, 'books' | 'practice'>,
  { from, through, on }: Range,
): Generator<number | undefined> {
  const of = books.names.find(practice);
  if (of < 0) return;
  const wanted = on && books.wanted(on);
  const count = books.postings;
  for (let posting = 0; posting < count; posting += 1) {
    if (posting % atOnce === 0) yield undefined;
    if (wanted && !books.isOn(posting, wanted)) continue;
    if (books.isWithin(posting, of, from, through)) yield posting;
  }
}

type On = Range['on'];
const range = (from: number, through: number, on: On): Range => ({ from, through, ...(on ? { on } : {}) });

/** Those of the period. */
export const ofPeriod = (scope: Scope, on?: On): Generator<number | undefined> =>
  postingsOf(scope, range(dayNumber(scope.start), dayNumber(scope.end), on));

/** Those of all days until the end of the period. */
export const untilEnd = (scope: Scope, on?: On): Generator<number | undefined> =>
  postingsOf(scope, range(-1_000_000, dayNumber(scope.end), on));

/** Those of all days, also after the period: what came of what was done in it. */
export const everPosted = (scope: Scope, on?: On): Generator<number | undefined> =>
  postingsOf(scope, range(-1_000_000, 1_000_000, on));

/** The facts that single postings of a period make. */
export function* eachPosting(
  scope: Scope,
  rows: Generator<number | undefined>,
  make: (row: Row, posting: number) => Fact | readonly Fact[] | undefined,
): Generator<Fact | undefined> {
  for (const posting of rows) {
    if (posting === undefined) {
      yield undefined;
      continue;
    }
    const row = scope.books.row(posting);
    const made = make(row, posting);
    if (made === undefined) continue;
    if ('figure' in made) yield Object.assign(made, { row });
    else for (const one of made) yield Object.assign(one, { row });
  }
}

/** The days of the period, both ends included. */
export const daysOf = ({ start, end }: Pick<Scope, 'start' | 'end'>): number =>
  dayNumber(end) - dayNumber(start) + 1;
