import type { ClaimResponse, ClaimResponseItemAdjudication } from '@medplum/fhirtypes';
import { sum, toMoney } from '../../datatypes/cents.ts';
import { adjudicated } from '../../datatypes/adjudication.ts';
import { changed, without } from '../../datatypes/json.ts';

/**
 * The answer that was taken back with the one that stands: the same claim paid as charged. Its payments add up to what
 * was taken back. Billing rule 62.
 */
export function paidInFull(response: ClaimResponse): ClaimResponse {
  const paid = sum(adjudicated(response).map((line) => line.submitted));
  const { item, adjudication, payment } = response;
  return changed(without(response, 'processNote'), {
    disposition: 'Processed as primary',
    ...(adjudication ? { adjudication: inFull(adjudication) } : {}),
    ...(item
      ? { item: item.map((i) => changed(without(i, 'noteNumber'), { adjudication: inFull(i.adjudication) })) }
      : {}),
    total: (response.total ?? []).map((t) => changed(t, { amount: toMoney(paid) })),
    ...(payment ? { payment: changed(payment, { amount: toMoney(paid) }) } : {}),
  });
}

/** Submitted, allowed and paid are the same; nothing is adjusted. */
function inFull(entries: readonly ClaimResponseItemAdjudication[]): ClaimResponseItemAdjudication[] {
  const submitted = entries.find((e) => e.category.coding?.[0]?.code === 'submitted')?.amount;
  return entries
    .filter((e) => ['submitted', 'eligible', 'benefit'].includes(e.category.coding?.[0]?.code ?? ''))
    .map((e) => (submitted ? changed(e, { amount: submitted }) : e));
}
