import { placeOf } from './place.ts';
import type { Dimension, Fact, Figure, Report, Scope } from './report.ts';

/** A figure, or a part of it: `score` is what it says; of a quotient the two sums too. */
export interface Score {
  readonly score: number | undefined; // cents, days, percent or a count; undefined where the denominator is 0
  readonly numerator?: number;
  readonly denominator?: number;
}

/** A figure divided by one dimension, or by two. */
export interface Division {
  readonly by: readonly Dimension[];
  readonly strata: readonly { readonly values: readonly string[]; readonly score: Score }[];
}

export interface Tallied {
  readonly figure: Figure;
  readonly total: Score;
  readonly divisions: readonly Division[];
}

interface Sums {
  numerator: number;
  denominator: number;
}

const separator = '\u0000';

/** Adds up the facts of a report. `breathe` is awaited between some of them, so that others are served. */
export async function tally(
  report: Report,
  scope: Scope,
  ways: readonly (readonly Dimension[])[],
  breathe: () => Promise<void> | undefined,
): Promise<Tallied[]> {
  const figures = report.figures.map((figure) => ({
    figure,
    total: { numerator: 0, denominator: 0 } satisfies Sums,
    divisions: ways
      .filter((by) => by.every((one) => figure.ways.includes(one)))
      .map((by) => ({ by, sums: new Map<string, Sums>() })),
  }));
  const byCode = new Map(figures.map((one) => [one.figure.code, one]));
  let count = 0;
  for (const fact of report.facts(scope)) {
    count += 1;
    if (count % 512 === 0 || fact === undefined) await breathe();
    const counted = fact && byCode.get(fact.figure);
    if (!counted) continue;
    addTo(counted.total, fact);
    for (const { by, sums } of counted.divisions) {
      const [first, second] = by;
      if (first === undefined) continue;
      const place = placeOf(scope.books, fact, first);
      const key = second === undefined ? place : place + separator + placeOf(scope.books, fact, second);
      const known = sums.get(key);
      const own = known ?? { numerator: 0, denominator: 0 };
      if (!known) sums.set(key, own);
      addTo(own, fact);
    }
  }
  return figures.map(({ figure, total, divisions }) => ({
    figure,
    total: scoreOf(figure, total, scope),
    divisions: divisions.map(({ by, sums }) => ({
      by,
      strata: [...sums]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, own]) => ({ values: key.split(separator), score: scoreOf(figure, own, scope) })),
    })),
  }));
}

function addTo(sums: Sums, { part, amount }: Fact): void {
  if (part === 'denominator') sums.denominator += amount;
  else sums.numerator += amount;
}

/** Percent and days have two decimals. */
const places = 100;
const rounded = (value: number): number => Math.round(value * places) / places;

function scoreOf(figure: Figure, { numerator, denominator }: Sums, scope: Scope): Score {
  if (figure.kind === 'money' || figure.kind === 'count') return { score: numerator };
  const times = figure.kind === 'percent' ? 100 : (figure.times?.(scope) ?? 1);
  const score = denominator === 0 ? undefined : rounded((numerator * times) / denominator);
  return { score, numerator, denominator };
}

/** Which cell of a report: a figure, and where it is divided the values it is divided by. */
export interface Cell {
  readonly figure: string;
  readonly at: Readonly<Partial<Record<Dimension, string>>>;
}

/** The facts of one cell, in the order of the journal. */
export async function factsIn(
  report: Report,
  scope: Scope,
  { figure, at }: Cell,
  breathe: () => Promise<void> | undefined,
): Promise<Fact[]> {
  const wanted = Object.entries(at) as [Dimension, string][];
  const found: Fact[] = [];
  let count = 0;
  for (const fact of report.facts(scope)) {
    count += 1;
    if (count % 512 === 0 || fact === undefined) await breathe();
    if (fact?.figure !== figure) continue;
    if (wanted.every(([one, value]) => placeOf(scope.books, fact, one) === value)) found.push(fact);
  }
  return found.sort((a, b) => a.posting - b.posting);
}
