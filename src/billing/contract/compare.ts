import { add, cents, least, most, subtract, sum, zero, type Cents } from '../../datatypes/cents.ts';
import { wholeClaim, type ExpectedLine } from './expected.ts';

/** What a payer decided on a line, of what matters here. */
export interface DecidedLine {
  readonly sequence: number; // wholeClaim where the claim was decided as a whole
  readonly allowed: Cents;
  readonly denied: Cents; // is worked as a denial, and is no underpayment
}

export interface Difference extends ExpectedLine {
  readonly allowed: Cents;
  readonly short: Cents; // expected and neither allowed nor denied
  readonly over: Cents; // allowed above what was expected
}

/**
 * What of each line differs from what was expected; a line that the payer did not answer is left out. What is expected
 * of the claim as a whole is held against all that was decided, however it was said.
 */
export const differences = (
  expected: readonly ExpectedLine[],
  decided: readonly DecidedLine[],
): Difference[] =>
  expected.flatMap((line) => {
    const answers = decided.filter((d) => line.item === wholeClaim || d.sequence === line.item);
    if (answers.length === 0) return [];
    const allowed = sum(answers.map((a) => a.allowed));
    const denied = sum(answers.map((a) => a.denied));
    return [
      {
        ...line,
        allowed,
        short: most(zero, subtract(line.amount, add(allowed, denied))),
        over: most(zero, subtract(allowed, line.amount)),
      },
    ];
  });

/** Where the difference of a claim stands. */
export interface Standing {
  readonly short: Cents; // still missing
  readonly over: Cents;
  readonly met: Cents; // of what was expected, what was allowed when money was first found missing
  readonly found: Cents; // what was missing in all; short and recovered are parts of it
  readonly recovered: Cents;
}

/** Nothing is missing. */
export const level: Standing = { short: zero, over: zero, met: zero, found: zero, recovered: zero };

const metBy = (lines: readonly Difference[]): Cents =>
  sum(lines.map((line) => least(line.amount, line.allowed)));

const shortOf = (lines: readonly Difference[]): Cents => sum(lines.map((line) => line.short));

/**
 * What an answer makes of where the difference stood: what is allowed later of what was missing is recovered. Of `first`,
 * the lines that it is the first to decide, nothing was missing before.
 */
export function standingAfter(
  before: Standing,
  lines: readonly Difference[],
  first: readonly Difference[] = [],
): Standing {
  const short = shortOf(lines);
  const over = sum(lines.map((line) => line.over));
  if (before.found === 0) return { short, over, met: metBy(lines), found: short, recovered: zero };
  const met = add(before.met, metBy(first));
  const missing = add(before.found, shortOf(first));
  const recovered = least(missing, most(zero, subtract(metBy(lines), met)));
  return { short, over, met, found: most(missing, add(short, recovered)), recovered };
}

/** A corrected claim takes the place of this one: what was recovered stays here, what is missing stands there. */
export function replacedBy(before: Standing, lines: readonly Difference[] | undefined): Standing {
  const got = lines === undefined ? zero : most(zero, subtract(metBy(lines), before.met));
  const recovered = before.found === 0 ? zero : least(before.found, got);
  return { ...level, met: before.met, found: recovered, recovered };
}

/** Whether two standings say the same. */
export const isSameStanding = (a: Standing, b: Standing): boolean =>
  (['short', 'over', 'met', 'found', 'recovered'] as const).every((name) => cents(a[name]) === b[name]);
