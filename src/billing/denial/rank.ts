import { rateOf, type Cents } from '../../datatypes/cents.ts';
import { daysBetween } from '../../datatypes/date.ts';

/** What the place of a denial on the list follows from. */
export interface Ranked {
  readonly recoverable: Cents;
  readonly odds: number; // in basis points
  readonly deadline?: string | undefined; // the last day of the appeal
}

/** A deadline near at hand makes a denial count more: up to so many days before it, so many times. */
const urgency: readonly (readonly [days: number, times: number])[] = [
  [7, 3],
  [30, 2],
];

/** What can be expected of a denial: what is open of it, times its odds. */
export const expectedOf = ({ recoverable, odds }: Ranked): Cents => rateOf(odds, recoverable);

/** What the list is ordered by: what can be expected, times the urgency; what is past its deadline comes last. */
export function scoreOf(ranked: Ranked, today: string): number {
  const { deadline } = ranked;
  const expected = expectedOf(ranked);
  if (deadline === undefined) return expected;
  const left = daysBetween(today, deadline);
  if (left < 0) return expected / 1e9;
  return expected * (urgency.find(([days]) => left <= days)?.[1] ?? 1);
}
