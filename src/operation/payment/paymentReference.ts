import type { PaymentNotice } from '@medplum/fhirtypes';
import { methodOf, payerOf, sameReceipt, sameReference } from '../../billing/payment/receipt.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { duplicate } from '../../outcome/fhirError.ts';
import { decided, warning, type Issue } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import {
  formerReceiptKey,
  holderOf,
  isHeldBy,
  receiptKey,
  receiptNumberKey,
  releaseKey,
  reserveKey,
  type UniqueKey,
} from '../uniqueKey.ts';
import { payerOfMoney } from './payerOfMoney.ts';

type Notice = PaymentNotice & { id: string };

/** The number of a payment or refund as it is looked up. */
export interface NumberOf {
  readonly kind: 'payment' | 'refund';
  readonly practice: string; // Organization/1
  readonly payer: string; // whose money it is; of a refund the practice
  readonly payerNamed: boolean; // by the caller: then the same number of another payer is another payment
  readonly method: string;
  readonly reference: string;
}

/** The number of money that a practice gives back: it is the practice's own. */
export const refundNumber = (practice: string, method: string, reference: string): NumberOf => ({
  kind: 'refund',
  practice,
  payer: practice,
  payerNamed: false,
  ...{ method, reference },
});

/** Unique among the receipts that stand: a payer's number of one method. */
const ownKey = (of: NumberOf): UniqueKey<PaymentNotice> =>
  receiptKey(of.kind, of, sameReference(of.reference));

/** The first receipt with a number, whoever paid it: what a warning is given by. */
const anyKey = ({ kind, practice, reference }: NumberOf): UniqueKey<PaymentNotice> =>
  receiptNumberKey(kind, practice, sameReference(reference));

/** Stores of before know a number by practice only, as it was written. */
const formerKeys = ({ kind, practice, reference }: NumberOf): UniqueKey<PaymentNotice>[] =>
  [...new Set([reference, reference.trim(), sameReference(reference), reference.trim().toLowerCase()])].map(
    (spelling) => formerReceiptKey(kind, practice, spelling),
  );

/** What is known of a number: the receipt of the same payment, or a warning that it stands on another one. */
export interface Known {
  readonly receipt?: Notice;
  readonly issues: readonly Issue[];
}

/**
 * Looks a number up. The receipt of the same payment is answered again; 409 names the one for another Invoice, amount
 * or visit of the same payer and method. Another payer's or method's receipt is only warned of.
 */
export async function knownReceipt(call: Call, of: NumberOf, wanted: PaymentNotice): Promise<Known> {
  const own = await holderOf(call.tx, ownKey(of));
  if (own) return sameReceipt(own, wanted) ? repeated(own) : refuse(own);
  let elsewhere = false;
  for (const key of [anyKey(of), ...formerKeys(of)]) {
    const notice = await holderOf(call.tx, key);
    if (!notice) continue;
    const itsPayer = payerOf(notice) ?? (await payerOfMoney(call, notice.request));
    // who answers for a bill may change between a payment and its repeat: what nobody named does not tell them apart
    const otherPayer = of.payerNamed && itsPayer !== of.payer;
    if (!otherPayer && sameReceipt(notice, wanted)) return repeated(notice);
    if (of.kind === 'refund' || itsPayer === of.payer) {
      if (methodOf(notice) === of.method) return refuse(notice);
    }
    elsewhere = true;
  }
  const place = "Parameters.parameter.where(name='reference').value";
  const text = 'a receipt of another payer or method has the same number';
  return { issues: elsewhere ? [warning('reference-elsewhere', place, text)] : [] };
}

function refuse(notice: Notice): never {
  const text = `the reference was used for another payment: ${referenceText(notice)}`;
  throw duplicate('reference-used', text, "Parameters.parameter.where(name='reference').value");
}

const repeated = (receipt: Notice): Known => ({
  receipt,
  issues: [
    decided(
      'already-there',
      'PaymentNotice',
      `${referenceText(receipt)} is the receipt; nothing was posted again`,
    ),
  ],
});

/** Takes a number for a new receipt; what a reversed receipt held is free. */
export async function takeNumber({ tx }: Call, of: NumberOf, receipt: Notice): Promise<void> {
  await reserveKey(tx, ownKey(of), referenceText(receipt));
  if (await holderOf(tx, anyKey(of))) return; // the number stands elsewhere too
  await reserveKey(tx, anyKey(of), referenceText(receipt));
}

/** Frees the number of a receipt that was reversed. */
export async function freeNumber({ tx }: Call, of: NumberOf, receipt: Notice): Promise<void> {
  for (const key of [ownKey(of), anyKey(of), ...formerKeys(of)]) {
    if (await isHeldBy(tx, key, referenceText(receipt))) await releaseKey(tx, key);
  }
}
