import { cents, subtract, sum, toText, type Cents } from '../../datatypes/cents.ts';
import type { Advice, AdviceClaim } from './advice.ts';

/** Where an advice does not add up, and by how much. `claim` is its ordinal, `line` its place in the claim. */
export interface Imbalance {
  readonly level: 'line' | 'claim' | 'transaction';
  readonly claim?: number;
  readonly line?: number;
  readonly difference: Cents; // what is said to be paid, less what the parts give
}

/** The faults of a claim: SVC02 − Σ CAS = SVC03 of each line, CLP03 − Σ CAS = CLP04. Billing rule 58. */
export function claimImbalances(claim: AdviceClaim): Imbalance[] {
  const { ordinal } = claim;
  const found: Imbalance[] = claim.lines.map((line, i) => ({
    level: 'line',
    claim: ordinal,
    line: i + 1,
    difference: subtract(line.paid, subtract(line.charge, sum(line.adjustments.map((a) => a.amount)))),
  }));
  const adjusted = sum(
    [...claim.adjustments, ...claim.lines.flatMap((l) => l.adjustments)].map((a) => a.amount),
  );
  found.push({
    level: 'claim',
    claim: ordinal,
    difference: subtract(claim.paid, subtract(claim.charge, adjusted)),
  });
  if (claim.lines.length > 0) {
    // a claim whose lines are given is the sum of its lines: else a part of it would be posted nowhere
    const billed = sum(claim.lines.map((l) => l.charge));
    found.push({ level: 'claim', claim: ordinal, difference: subtract(claim.charge, billed) });
  }
  return found.filter((f) => f.difference !== 0);
}

/** The fault of the transaction: BPR02 = Σ CLP04 − Σ PLB; a payment is never below zero. AMT never counts. */
export function transactionImbalance(advice: Advice): Imbalance | undefined {
  const due = subtract(sum(advice.claims.map((c) => c.paid)), sum(advice.adjustments.map((a) => a.amount)));
  const difference = advice.paid < 0 ? advice.paid : subtract(advice.paid, due);
  return difference === 0 ? undefined : { level: 'transaction', difference };
}

/** One sentence for the worklist; amounts only. */
export function imbalanceText({ level, line, difference }: Imbalance): string {
  const where =
    level === 'line'
      ? `line ${line ?? 0} of the claim does`
      : level === 'claim'
        ? 'the claim does'
        : 'the transaction does';
  return `${where} not balance: ${toText(cents(Math.abs(difference)))} too ${difference > 0 ? 'much' : 'little'} is paid`;
}
