import type { ClaimResponse, PaymentReconciliation, PaymentReconciliationDetail } from '@medplum/fhirtypes';
import { fromMoney, negate, toMoney, zero, type Cents } from '../../datatypes/cents.ts';
import { concept } from '../../datatypes/coding.ts';
import { dateOf } from '../../datatypes/date.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { referenceTo } from '../../datatypes/reference.ts';
import { system } from '../../terminology/system.ts';

/** The number of the remittance of an answer. */
export const remittanceNumber = (response: ClaimResponse): string =>
  `RA${identifierOf(response, system.payerClaimControlNumber) ?? response.id ?? ''}`;

/**
 * The remittance of one complete answer, also of 0.00; paymentAmount = Σ detail.amount. `takenBack` was paid and
 * taken back with it. Billing rule 65; see https://hl7.org/fhir/R4/paymentreconciliation.html
 */
export function remit(response: ClaimResponse, takenBack: Cents = zero): PaymentReconciliation {
  const value = remittanceNumber(response);
  const paid = response.payment ? fromMoney(response.payment.amount) : zero;
  const details =
    takenBack === 0
      ? [remitted(response, 'payment', paid)]
      : [
          remitted(response, 'payment', takenBack),
          remitted(response, 'adjustment', negate(takenBack)),
          remitted(response, 'payment', paid),
        ];
  return {
    resourceType: 'PaymentReconciliation',
    ...(response.meta?.tag ? { meta: { tag: response.meta.tag } } : {}),
    identifier: [{ system: system.remittanceNumber, value }],
    status: 'active',
    created: response.created,
    paymentIssuer: response.insurer,
    ...(response.requestor ? { requestor: response.requestor } : {}),
    outcome: 'complete',
    ...(response.disposition === undefined ? {} : { disposition: response.disposition }),
    paymentDate: dateOf(response.payment?.date ?? response.created),
    paymentAmount: toMoney(paid),
    paymentIdentifier: { system: system.remittanceNumber, value },
    detail: details,
  };
}

/** One part of a remittance: what was paid, or taken back, of a claim. */
export const remitted = (
  response: ClaimResponse,
  type: string,
  amount: Cents,
): PaymentReconciliationDetail => ({
  type: concept(system.remittanceType, type),
  ...(response.request ? { request: response.request } : {}),
  response: referenceTo(response),
  date: dateOf(response.payment?.date ?? response.created),
  ...(response.requestor ? { payee: response.requestor } : {}),
  amount: toMoney(amount),
});
