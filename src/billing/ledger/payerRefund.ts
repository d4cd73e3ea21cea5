import type { Cents } from '../../datatypes/cents.ts';
import { reversal, type Entry } from '../../datatypes/entry.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** What a payer paid beyond what stood on a claim is given back: unapplied payer credit / cash. */
export const payerRefund = (
  event: Head & { readonly claim: string; readonly payer: string | undefined; readonly amount: Cents },
): Entry => {
  const about = { claim: event.claim, payer: event.payer };
  return post(event, { reason: 'payer-refund', text: 'overpayment given back to the payer' }, [
    debit('unapplied-payer-credit', event.amount, about),
    credit('cash', event.amount, about),
  ]);
};

/** What was given back did not reach the payer: its credit is there again. */
export const payerRefundReversed = ({
  id,
  on,
  cause,
  refunded,
}: Omit<Head, 'account'> & { readonly refunded: Entry }): Entry =>
  reversal(refunded, { id, on, cause, reason: 'payer-refund-reversed', text: 'refund taken back' });
