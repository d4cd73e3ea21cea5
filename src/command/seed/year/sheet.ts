import { add, toText, zero, type Cents } from '../../../datatypes/cents.ts';
import type { LedgerAccount } from '../../../datatypes/entry.ts';
import type { Context } from '../../../interaction/context.ts';

const pageSize = 2_000;

/** What the ledger of the whole store holds on each of its accounts. */
async function balances({ store }: Context): Promise<Map<LedgerAccount, Cents>> {
  const held = new Map<LedgerAccount, Cents>();
  let after: number | undefined;
  do {
    const page = await store.entries({ count: pageSize, ...(after === undefined ? {} : { after }) });
    for (const { account, amount } of page.entries.flatMap(({ postings }) => postings))
      held.set(account, add(held.get(account) ?? zero, amount));
    after = page.next;
  } while (after !== undefined);
  return held;
}

/** The year in a few lines, straight from the ledger: every account that holds something, debits without a sign. */
export async function yearSheet(context: Context): Promise<string> {
  const held = [...(await balances(context))].filter(([, amount]) => amount !== 0);
  const width = Math.max(...held.map(([account]) => account.length));
  const lines = held
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([account, amount]) => `${account.padEnd(width)}  ${toText(amount).padStart(13)}`);
  return ['Alder Street Clinic with a year behind it: the balance of each account of the ledger', ...lines].join('\n');
}
