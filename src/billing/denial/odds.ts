/** A pattern of denials by which history is counted: from the widest to the narrowest. */
export interface Pattern {
  readonly practice: string; // Organization/1
  readonly payer: string;
  readonly carc: string;
  readonly services: readonly string[];
}

/** At most so many services of one denial make a pattern of their own. */
const mostServices = 5;

/** The patterns that a denial belongs to: its reason, that with the payer, and those with each service. */
export function patternsOf({ practice, payer, carc, services }: Pattern): string[] {
  const wide = [`${practice}/any/${carc}`, `${practice}/${payer}/${carc}`];
  return [...wide, ...services.slice(0, mostServices).map((code) => `${practice}/${payer}/${carc}/${code}`)];
}

/** What came of the denials of a pattern that are over. */
export interface Tally {
  readonly won: number; // recovered, in whole or in part
  readonly over: number;
}

/** How many past denials the assumption counts for. */
export const priorWeight = 10;

/**
 * How often such a denial is recovered, in basis points (10,000 is always). The assumption (of 100) counts as ten denials;
 * what was seen of the reason corrects it, what was seen with the payer corrects that, what was seen of the service
 * corrects that again.
 */
export function oddsFrom(prior: number, tallies: readonly Tally[]): number {
  const odds = tallies.reduce(
    (p, { won, over }) => (won + priorWeight * p) / (over + priorWeight),
    prior / 1e2,
  );
  return Math.round(odds * 1e4);
}
