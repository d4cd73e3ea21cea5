import type { Adjudicated, Adjusted } from '../../src/datatypes/adjudication.ts';
import { cents, subtract, sum } from '../../src/datatypes/cents.ts';

/** What a payer decides on a claim of one line, in cents; what is left over is paid. */
export interface Decided {
  readonly charge: number;
  readonly co45?: number;
  readonly oa23?: number;
  readonly pr: readonly (readonly [reason: string, amount: number])[];
}

export function adjustmentsOf({ charge, co45 = 0, oa23 = 0, pr }: Decided): Adjudicated[] {
  const all: (readonly [Adjusted['group'], string, number])[] = [
    ['CO', '45', co45],
    ['OA', '23', oa23],
    ...pr.map(([reason, amount]) => ['PR', reason, amount] as const),
  ];
  const adjustments = all
    .filter(([, , amount]) => amount !== 0)
    .map(([group, reason, amount]) => ({ group, reason, amount: cents(amount) }));
  const paid = subtract(cents(charge), sum(adjustments.map((a) => a.amount)));
  return [{ sequence: 1, submitted: cents(charge), allowed: paid, paid, adjustments }];
}
