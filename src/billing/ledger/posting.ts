import { negate, type Cents } from '../../datatypes/cents.ts';
import { entry, type Entry, type LedgerAccount, type Posting } from '../../datatypes/entry.ts';

/** What every event of the journal is posted with: entry id, posting date, the patient's Account, the cause. */
export interface Head {
  readonly id: string;
  readonly on: string; // FHIR date
  readonly account: string; // Account/1
  readonly cause: string; // ChargeItem/7/_history/1
}

/** What a posting is about; what is undefined is left out. */
export interface About {
  readonly encounter?: string | undefined;
  readonly charge?: string | undefined;
  readonly claim?: string | undefined;
  readonly item?: number | undefined;
  readonly payer?: string | undefined;
  readonly invoice?: string | undefined;
  readonly remittance?: string | undefined;
}

export const dimensions = ['encounter', 'charge', 'claim', 'item', 'payer', 'invoice', 'remittance'] as const;
export type Dimension = (typeof dimensions)[number];

export function debit(account: LedgerAccount, amount: Cents, about: About): Posting {
  const set: Record<string, string | number> = {};
  for (const dimension of dimensions) {
    const value = about[dimension];
    if (value !== undefined) set[dimension] = value;
  }
  return { account, amount, ...set };
}

export const credit = (account: LedgerAccount, amount: Cents, about: About): Posting =>
  debit(account, negate(amount), about);

/** A balanced entry of its head, reason and postings; postings of nothing are left out. */
export const post = (
  { id, on, account, cause }: Head,
  why: Pick<Entry, 'reason' | 'text'>,
  postings: readonly Posting[],
): Entry => entry({ id, on, account, cause, ...why, postings: postings.filter((p) => p.amount !== 0) });
