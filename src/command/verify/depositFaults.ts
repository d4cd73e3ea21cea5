import type { Basic, PaymentNotice, PaymentReconciliation } from '@medplum/fhirtypes';
import { batchOf, isBankLine, isBatch, matchesOf } from '../../billing/deposit/bankRecord.ts';
import { centsOf, sum, toText, zero } from '../../datatypes/cents.ts';
import { referenceText } from '../../datatypes/reference.ts';

/** What a store holds of deposits, and of what they are made. */
export interface Deposits {
  readonly records: readonly Basic[]; // lines of the bank and batches
  readonly notices: readonly PaymentNotice[];
  readonly remittances: readonly PaymentReconciliation[];
}

/** (g) A batch is what its payments add up to, a payment is in one batch, and nothing is the money of two lines. */
export function depositFaults({ records, notices, remittances }: Deposits): string[] {
  const faults: string[] = [];
  const amounts = new Map([
    ...notices.map((n) => [referenceText(n), centsOf(n.amount) ?? zero] as const),
    ...remittances.map((r) => [referenceText(r), centsOf(r.paymentAmount) ?? zero] as const),
  ]);
  const taken = new Set(remittances.filter((r) => r.status !== 'active').map(referenceText));
  const once = (names: readonly string[], what: string): void => {
    const seen = new Set<string>();
    for (const name of names) {
      if (seen.has(name)) faults.push(`(g) ${name} is ${what} twice`);
      seen.add(name);
    }
  };
  const batches = records.filter(isBatch);
  for (const batch of batches) {
    const { total, items } = batchOf(batch);
    const due = sum(items.map((name) => amounts.get(name) ?? zero));
    if (total !== due)
      faults.push(
        `(g) ${referenceText(batch)} is of ${toText(total)} and its payments add up to ${toText(due)}`,
      );
  }
  once(
    batches.flatMap((b) => batchOf(b).items),
    'in a batch',
  );
  once(
    records.filter(isBankLine).flatMap((line) => matchesOf(line).filter((name) => !taken.has(name))),
    'matched to a line of the bank',
  );
  return faults;
}
