import { negate, type Cents } from '../../datatypes/cents.ts';
import { reversal, type Entry, type LedgerAccount } from '../../datatypes/entry.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** A payment of a payer came: cash / unidentified payer cash. Its claims are posted from there. */
export const remittanceDeposit = (
  event: Head & { readonly remittance: string; readonly payer?: string | undefined; readonly amount: Cents },
): Entry => {
  const { remittance, payer, amount } = event;
  return post(event, { reason: 'remittance-deposit', text: 'deposit of a payer' }, [
    debit('cash', amount, { payer, remittance }),
    credit('unidentified-payer-cash', amount, { payer, remittance }),
  ]);
};

/**
 * A provider-level adjustment: what a payer takes (positive) or brings (negative) beside its claims.
 * Its account / unidentified payer cash.
 */
export function providerAdjusted(
  event: Head & {
    readonly remittance: string;
    readonly payer?: string | undefined;
    readonly claim?: string | undefined;
    readonly amount: Cents; // as in PLB04: positive lowers the payment
    readonly to: LedgerAccount;
    readonly text: string;
    readonly reference?: string | undefined;
  },
): Entry {
  const { remittance, payer, claim, amount, to, text, reference } = event;
  const made = post(event, { reason: 'provider-adjustment', text }, [
    debit(to, amount, { claim, payer, remittance }),
    credit('unidentified-payer-cash', amount, { payer, remittance }),
  ]);
  return reference === undefined ? made : { ...made, reference };
}

/** A remittance is taken back as a whole: its deposit and what was adjusted beside its claims. */
export const remittanceReversed = (
  posted: readonly Entry[],
  { newId, on, cause }: { readonly newId: () => string; readonly on: string; readonly cause: string },
): Entry[] => {
  const gone = new Set(posted.flatMap((e) => e.reverses ?? []));
  return posted
    .filter((e) => e.reverses === undefined && !gone.has(e.id))
    .map((e) =>
      reversal(e, { id: newId(), on, cause, reason: 'remittance-reversed', text: 'remittance taken back' }),
    );
};

/** What of a remittance's deposit waits to be posted, by the entries of its own books and of the claims it pays. */
export const waitingOf = (entries: readonly Entry[], remittance: string): Cents =>
  negate(
    entries
      .flatMap((e) => e.postings)
      .filter((p) => p.account === 'unidentified-payer-cash' && p.remittance === remittance)
      .reduce<Cents>((t, p) => (t + p.amount) as Cents, 0 as Cents),
  );
