import type { Basic, PaymentReconciliation } from '@medplum/fhirtypes';
import { batchOf } from '../../billing/deposit/bankRecord.ts';
import type { Expected } from '../../billing/deposit/matchBank.ts';
import { centsOf, zero } from '../../datatypes/cents.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { find } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';
import { bankedKey, batchedKey, holderOf } from '../uniqueKey.ts';

/** Of which practice, and the days that are looked at, both included. */
export interface Span {
  readonly practice: string; // Organization/1
  readonly from: string;
  readonly to: string;
}

const inSpan = ({ from, to }: Span): string[] => [`ge${from}`, `le${to}`];

/** The payment of a remittance as the bank should show it. */
export function expectedOf(payment: PaymentReconciliation): Expected {
  const { paymentIdentifier: number, paymentIssuer } = payment;
  return {
    name: referenceText(payment),
    amount: centsOf(payment.paymentAmount) ?? zero,
    date: payment.paymentDate,
    trace: number?.system === system.paymentTrace ? number.value : undefined,
    payerTin: number?.assigner?.identifier?.value,
    issuer: paymentIssuer?.reference ?? paymentIssuer?.display,
  };
}

/** What should come into the bank and did not: batches, and payments of payers that are in none. */
export async function expectedDeposits(reader: Reader, span: Span): Promise<Expected[]> {
  const payments = await find<PaymentReconciliation>(reader, 'PaymentReconciliation', {
    ...{ requestor: span.practice, status: 'active', created: inSpan(span) },
  });
  const expected: Expected[] = [];
  for (const payment of payments) {
    const one = expectedOf(payment);
    const isOpen =
      one.amount > 0 &&
      !(await holderOf(reader, bankedKey(one.name))) &&
      !(await holderOf(reader, batchedKey(one.name)));
    if (isOpen) expected.push(one);
  }
  const batches = await find<Basic>(reader, 'Basic', {
    ...{ code: `${system.basic}|deposit-batch`, author: span.practice, created: inSpan(span) },
  });
  for (const batch of batches) {
    const name = referenceText(batch);
    const { total, day } = batchOf(batch);
    if (!(await holderOf(reader, bankedKey(name)))) expected.push({ name, amount: total, date: day });
  }
  return expected;
}
