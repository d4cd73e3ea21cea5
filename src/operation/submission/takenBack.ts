import { changed } from '../../datatypes/json.ts';
import type { ClaimResponse } from '@medplum/fhirtypes';
import { explain, type Explained } from '../../billing/explanation/explain.ts';
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
 * both are reversed. What stands in the end follows as any answer does. Billing rule 62.
 */
export async function recordTakenBack(
  { context, tx }: Call,
  { response, explained, event, linesOf }: TakenBack,
): Promise<void> {
  const first = changed(paidInFull(response), { id: response.id });
  const paid = await createResource(context, tx, explain({ ...explained, response: first }));
  const entries = claimAdjudicated({ ...event, lines: linesOf(first) });
  for (const entry of entries) await tx.append(entry);
  await createResource(context, tx, reversedExplanation(paid));
  const { newId, on, cause, remittance = cause } = event;
  for (const entry of answerReversed(entries, { newId, on, cause: remittance })) await tx.append(entry);
}
