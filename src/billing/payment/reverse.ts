import { add, least, subtract, sum, zero, type Cents } from '../../datatypes/cents.ts';

interface Amount {
  readonly amount: Cents;
}
interface Kept extends Amount {
  readonly encounter?: string | undefined;
}
interface Left {
  readonly encounter?: string | undefined;
  amount: Cents; // what is left of it
}
interface Applied extends Kept {
  readonly invoice: string;
}

/** What is known when a payment is taken back. */
export interface ToReverse<A extends Applied, L extends Kept> {
  readonly applied: readonly A[]; // what it met on Invoices
  readonly unapplied: readonly Kept[]; // what became credit
  readonly cancelled: ReadonlySet<string>; // Invoices that were replaced since: what was paid on them is credit
  readonly available: readonly Kept[]; // the credit there is now
  readonly met: readonly L[]; // lines that credit met, the latest first
}

export interface Reversal<A, L> {
  readonly reopened: A[];
  readonly credit: Kept[]; // what comes out of the credit
  readonly released: L[]; // lines that credit no longer meets
  readonly short: Cents; // what nothing is left for: it was refunded
}

/**
 * How a payment is taken back: Invoices it met are open again; what became credit comes out of the credit of the
 * same visit, then free credit, then lines that credit met, then credit kept for other visits.
 */
export function planReversal<A extends Applied, L extends Kept>(of: ToReverse<A, L>): Reversal<A, L> {
  const reopened = of.applied.filter((a) => !of.cancelled.has(a.invoice));
  const needs = [...of.unapplied, ...of.applied.filter((a) => of.cancelled.has(a.invoice))];
  const left: Left[] = of.available.map((c) => ({ ...c }));
  const lines = of.met.map((l) => ({ line: l, amount: l.amount }));
  const credit: Kept[] = [];
  const released: L[] = [];
  const take = (from: Left, need: Cents): Cents => {
    const part = least(from.amount, need);
    if (part <= 0) return zero;
    from.amount = subtract(from.amount, part);
    credit.push(keptFor(from.encounter, part));
    return part;
  };
  let short = zero;
  for (const need of needs) {
    let open = need.amount;
    const draw = (which: (c: Kept) => boolean): void => {
      for (const c of left.filter(which)) open = subtract(open, take(c, open));
    };
    draw((c) => c.encounter === need.encounter);
    draw((c) => c.encounter === undefined);
    for (const met of lines) {
      const part = least(met.amount, open);
      if (part <= 0) continue;
      met.amount = subtract(met.amount, part);
      open = subtract(open, part);
      released.push({ ...met.line, amount: part });
      credit.push(keptFor(undefined, part));
    }
    draw(() => true);
    short = add(short, open);
  }
  return { reopened, credit: byVisit(credit), released, short };
}

const keptFor = (encounter: string | undefined, amount: Cents): Kept =>
  encounter === undefined ? { amount } : { encounter, amount };

/** One part for each visit. */
function byVisit(parts: readonly Kept[]): Kept[] {
  const visits = [...new Set(parts.map((p) => p.encounter))];
  return visits.map((v) => keptFor(v, sum(parts.filter((p) => p.encounter === v).map((p) => p.amount))));
}
