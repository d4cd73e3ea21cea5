import { add, sum, zero, type Cents } from '../../datatypes/cents.ts';
import type { Adjudicated } from '../../datatypes/adjudication.ts';
import type { LedgerAccount } from '../../datatypes/entry.ts';
import { accountOfClass, classOf, type AdjustmentClass, type ClassRow } from './adjustmentClass.ts';

/** A decided line by what each part of it means for the money. */
export interface Treated {
  readonly item?: number;
  readonly paid: Cents;
  readonly share: Cents; // PR
  readonly off: readonly { readonly account: LedgerAccount; readonly amount: Cents }[];
  readonly waits: Cents;
  readonly refused: Cents;
}

/** The classes of a line's adjustments by the table; what the payers before have done moves nothing. */
export function treated(
  line: Adjudicated,
  of: { readonly remarks: readonly string[]; readonly payer: string },
  table?: readonly ClassRow[],
): Treated {
  const off = new Map<LedgerAccount, Cents>();
  const amounts = new Map<AdjustmentClass, Cents>();
  for (const { group, reason, amount } of line.adjustments) {
    const kind = classOf({ group, reason }, of, table);
    const account = accountOfClass[kind];
    if (account) off.set(account, add(off.get(account) ?? zero, amount));
    else amounts.set(kind, add(amounts.get(kind) ?? zero, amount));
  }
  const total = (...kinds: readonly AdjustmentClass[]): Cents =>
    sum(kinds.map((kind) => amounts.get(kind) ?? zero));
  return {
    ...(line.sequence === undefined ? {} : { item: line.sequence }),
    paid: line.paid,
    share: total('patient'),
    off: [...off].map(([account, amount]) => ({ account, amount })),
    waits: total('informational'),
    refused: total('denial', 'bundled', 'paid-to-patient'),
  };
}
