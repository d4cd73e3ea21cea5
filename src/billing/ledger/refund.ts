import { sum } from '../../datatypes/cents.ts';
import { reversal, type Entry } from '../../datatypes/entry.ts';
import type { CreditPart } from './patientLine.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** Credit is paid back to the patient: unapplied credit / cash. */
export const refund = (event: Head & { readonly from: readonly CreditPart[] }): Entry =>
  post(event, { reason: 'refund', text: 'credit refunded' }, [
    ...event.from.map((c) => debit('unapplied-patient-credit', c.amount, { encounter: c.encounter })),
    credit('cash', sum(event.from.map((c) => c.amount)), {}),
  ]);

/** A refund did not reach the patient: the credit is there again. */
export const refundReversed = ({
  id,
  on,
  cause,
  refunded,
}: Omit<Head, 'account'> & { readonly refunded: Entry }): Entry =>
  reversal(refunded, { id, on, cause, reason: 'refund-reversed', text: 'refund taken back' });
