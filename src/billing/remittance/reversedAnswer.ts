import type { ClaimResponse, PaymentReconciliation } from '@medplum/fhirtypes';
import { fromMoney, sum, toMoney, zero, type Cents } from '../../datatypes/cents.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { changed, without } from '../../datatypes/json.ts';
import { turned } from '../../datatypes/turned.ts';
import { extension, system } from '../../terminology/system.ts';
import { remit, remitted } from './remit.ts';

type Stored<T> = T & { id: string };

/**
 * The answer that takes another one back: the same with the sign of every amount turned, naming the one it takes back.
 * Billing rule 62.
 */
export function reversedAnswer(of: Stored<ClaimResponse>, on: string): ClaimResponse {
  const { extension: given = [], payment } = of;
  const back = turned(without(of, 'id', 'text', 'extension', 'meta', 'processNote')) as Omit<
    ClaimResponse,
    'extension'
  >;
  const { tag } = of.meta ?? {};
  return changed(back, {
    ...(tag ? { meta: { tag } } : {}),
    extension: [
      ...given.filter((e) => e.url !== extension.reverses),
      { url: extension.reverses, valueReference: { reference: `ClaimResponse/${of.id}` } },
    ],
    created: on,
    status: 'active' as const,
    disposition: 'Reversal of an earlier answer',
    ...(payment && back.payment ? { payment: changed(back.payment, { date: on }) } : {}),
  });
}

const paidBy = (response: ClaimResponse): Cents =>
  response.payment ? fromMoney(response.payment.amount) : zero;

/** The remittance of an answer that comes with the reversal of an earlier one: one payment, of what is left of both. */
export function remitCorrection(
  response: Stored<ClaimResponse>,
  reversal: Stored<ClaimResponse>,
): PaymentReconciliation {
  const one = remit(response);
  return changed(one, {
    paymentAmount: toMoney(sum([paidBy(reversal), paidBy(response)])),
    detail: [
      remitted(reversal, 'adjustment', paidBy(reversal)),
      ...(one.detail ?? []).filter(() => paidBy(response) !== 0 || response.item !== undefined),
    ],
  });
}

/** The remittance of a reversal that comes alone: what the payer takes back. */
export function remitReversal(reversal: Stored<ClaimResponse>): PaymentReconciliation {
  const number = identifierOf(reversal, system.payerClaimControlNumber) ?? reversal.id;
  const value = `RA${number}-R`;
  return changed(remit(reversal), {
    identifier: [{ system: system.remittanceNumber, value }],
    paymentIdentifier: { system: system.remittanceNumber, value },
    detail: [remitted(reversal, 'adjustment', paidBy(reversal))],
  });
}
