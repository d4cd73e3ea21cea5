import type { ClaimResponse, PaymentReconciliation } from '@medplum/fhirtypes';
import { fromMoney, sum, toMoney, zero, type Cents } from '../../datatypes/cents.ts';
import { changed, without } from '../../datatypes/json.ts';
import { turned } from '../../datatypes/turned.ts';
import { extension } from '../../terminology/system.ts';
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
      ...given.filter((e) => !ofOne.includes(e.url)),
      { url: extension.answerKind, valueCode: 'reversal' },
      { url: extension.reverses, valueReference: { reference: `ClaimResponse/${of.id}` } },
    ],
    created: on,
    status: 'active' as const,
    disposition: 'Reversal of an earlier answer',
    ...(payment && back.payment ? { payment: changed(back.payment, { date: on }) } : {}),
  });
}

/** What an answer says of its own coming. */
const ofOne: readonly string[] = [
  ...[extension.reverses, extension.answerKind, extension.remittance, extension.x12Position],
];

const paidBy = (response: ClaimResponse): Cents =>
  response.payment ? fromMoney(response.payment.amount) : zero;

/** The remittance of an answer that comes with the reversal of earlier ones: one payment, of what is left of all. */
export function remitCorrection(
  response: Stored<ClaimResponse>,
  reversals: readonly Stored<ClaimResponse>[],
): PaymentReconciliation {
  const one = remit(response);
  return changed(one, {
    paymentAmount: toMoney(sum([...reversals.map(paidBy), paidBy(response)])),
    detail: [
      ...reversals.map((reversal) => remitted(reversal, 'adjustment', paidBy(reversal))),
      ...(one.detail ?? []).filter(() => paidBy(response) !== 0 || response.item !== undefined),
    ],
  });
}
