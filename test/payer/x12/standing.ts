import type { ChargeItem } from '@medplum/fhirtypes';
import { find } from '../../../src/interaction/repository.ts';
import type { Context } from '../../../src/interaction/context.ts';

/** Accounts that money of payers passes through: an 835 pays from its deposit, which is cash in books of its own. */
const cash: readonly string[] = ['cash', 'unidentified-payer-cash'];

/** What stands on each account of the ledger for a visit, in cents, payers apart; what is zero is left out. */
export async function standing(context: Context, encounter: string): Promise<Record<string, number>> {
  const charges = await find<ChargeItem>(context.store, 'ChargeItem', { context: encounter });
  const accounts = new Set(charges.flatMap((c) => c.account?.[0]?.reference ?? []));
  const found = new Map<string, number>();
  for (const account of accounts) {
    for (const { postings } of await context.store.journal(account)) {
      for (const { account: of, amount, payer } of postings) {
        const name = cash.includes(of)
          ? 'cash'
          : of.startsWith('receivable-insurance')
            ? `${of} ${payer ?? ''}`
            : of;
        found.set(name, (found.get(name) ?? 0) + amount);
      }
    }
  }
  return Object.fromEntries([...found].filter(([, amount]) => amount !== 0).sort());
}
