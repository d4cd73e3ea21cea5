import type { PaymentNotice } from '@medplum/fhirtypes';
import { methodOf, payerOf, sameReceipt, sameReference } from '../../billing/payment/receipt.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { resolve } from '../../interaction/repository.ts';
import { duplicate } from '../../outcome/fhirError.ts';
import { decided, warning, type Issue } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
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

/** Unique among the receipts that stand: a payer's number of one method. */
const ownKey = ({ kind, practice, payer, method, reference }: NumberOf): string =>
  `${kind}|${practice}|${payer}|${method}|${sameReference(reference)}`;

/** The first receipt with a number, whoever paid it: what a warning is given by. */
const anyKey = ({ kind, practice, reference }: NumberOf): string =>
  `${kind}-number|${practice}|${sameReference(reference)}`;

/** Stores of before know a number by practice only, as it was written. */
const formerKeys = ({ kind, practice, reference }: NumberOf): string[] =>
  [...new Set([reference, reference.trim(), sameReference(reference), reference.trim().toLowerCase()])].map(
    (spelling) => `${kind}|${practice}|${spelling}`,
  );

/** A receipt that holds a key and stands: one that was reversed or is gone holds nothing any more. */
async function standing({ tx }: Call, key: string): Promise<Notice | undefined> {
  const reference = await tx.holder(key);
  const notice =
    reference === undefined ? undefined : await resolve<PaymentNotice>(tx, 'PaymentNotice', { reference });
  return notice?.id === undefined || notice.status === 'cancelled' ? undefined : { ...notice, id: notice.id };
}

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
  const own = await standing(call, ownKey(of));
  if (own) return sameReceipt(own, wanted) ? repeated(own) : refuse(own);
  let elsewhere = false;
  for (const key of [anyKey(of), ...formerKeys(of)]) {
    const notice = await standing(call, key);
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
export async function takeNumber(call: Call, of: NumberOf, receipt: Notice): Promise<void> {
  const { tx } = call;
  for (const key of [ownKey(of), anyKey(of)]) {
    const holder = await tx.holder(key);
    if (holder !== undefined && (await standing(call, key))) continue; // the number stands elsewhere too
    if (holder !== undefined) await tx.release(key);
    await tx.reserve(key, referenceText(receipt));
  }
}

/** Frees the number of a receipt that was reversed. */
export async function freeNumber({ tx }: Call, of: NumberOf, receipt: Notice): Promise<void> {
  const name = referenceText(receipt);
  for (const key of [ownKey(of), anyKey(of), ...formerKeys(of)]) {
    if ((await tx.holder(key)) === name) await tx.release(key);
  }
}
