import { changed } from '../../datatypes/json.ts';
import type { ClaimResponse, ExplanationOfBenefit } from '@medplum/fhirtypes';
import { explain, type Explained } from '../../billing/explanation/explain.ts';
import { betweenOthers, numberedApart } from '../../billing/explanation/related.ts';
import { reversedExplanation } from '../../billing/explanation/reversal.ts';
import {
  answerReversed,
  claimAdjudicated,
  type Adjudicated,
  type AdjudicatedLine,
} from '../../billing/ledger/index.ts';
import { paidInFull } from '../../billing/remittance/takenBack.ts';
import { createResource } from '../../interaction/repository.ts';
import type { Call } from '../operation.ts';
import { post } from '../closing/post.ts';

type Stored<T> = T & { id: string };

/** The answer that came before the one that stands, and what it is posted with. */
export interface TakenBack {
  readonly response: Stored<ClaimResponse>; // that stands
  readonly explained: Omit<Explained, 'response'>;
  readonly event: Omit<Adjudicated, 'lines' | 'next'>;
  readonly linesOf: (response: ClaimResponse) => AdjudicatedLine[];
}

/**
 * A payer paid a claim and took the payment back with the same remittance: the paid answer is explained and posted, then
 * both are reversed. What stands in the end follows as any answer does; its explanation, as it is given and answered with,
 * names the one before it, and each of the three has a number of its own. Billing rule 62.
 */
export async function recordTakenBack(
  call: Call,
  { response, explained, event, linesOf }: TakenBack,
  last: ExplanationOfBenefit,
): Promise<ExplanationOfBenefit> {
  const { context, tx } = call;
  const first = changed(paidInFull(response), { id: response.id });
  const paid = numberedApart(explain({ ...explained, response: first }), 1);
  const reversed = numberedApart(explain({ ...explained, response: first }), 2);
  const stored = await createResource(context, tx, betweenOthers(paid, { after: reversed }));
  const entries = claimAdjudicated({ ...event, lines: linesOf(first) });
  for (const entry of entries) await post(call, entry);
  const { identifier = [] } = reversed;
  const back = changed(reversedExplanation(stored), { identifier, related: [] });
  await createResource(context, tx, betweenOthers(back, { before: paid, after: last }));
  const { newId, on, cause, remittance = cause } = event;
  for (const entry of answerReversed(entries, { newId, on, cause: remittance })) await post(call, entry);
  return betweenOthers(last, { before: reversed });
}
