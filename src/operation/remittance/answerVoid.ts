import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { toMoney, zero } from '../../datatypes/cents.ts';
import { concept } from '../../datatypes/coding.ts';
import { changed, without } from '../../datatypes/json.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { updateResource } from '../../interaction/repository.ts';
import { extension, system } from '../../terminology/system.ts';
import { judgeExpected } from '../contract/expectation.ts';
import { standingAnswer } from '../submission/answers.ts';
import { followSubmission } from '../submission/recordAnswer.ts';
import type { Desk } from './desk.ts';

/**
 * A payer answers a void by taking the answer to the voided claim back and says nothing of the void itself: it is answered
 * with that.
 */
export async function answerVoid(
  { call, advice, reconciliation }: Pick<Desk, 'call' | 'advice' | 'reconciliation'>,
  claim: Claim & { id: string },
): Promise<void> {
  const { context, tx, on } = call;
  const name = referenceText(claim);
  const earlier = await standingAnswer(tx, name);
  if (!earlier || earlier.outcome === 'complete') return;
  const remittance = { reference: referenceText(reconciliation) };
  const answer: ClaimResponse & { id: string } = changed(without(earlier, 'error', 'processNote'), {
    extension: [...(earlier.extension ?? []), { url: extension.remittance, valueReference: remittance }],
    created: on,
    outcome: 'complete' as const,
    disposition: 'Voided',
    payment: {
      type: concept(system.paymentType, 'complete'),
      date: advice.date,
      amount: toMoney(zero),
      identifier: { system: system.paymentTrace, value: advice.trace },
    },
  });
  const written = await updateResource<ClaimResponse>(context, tx, answer);
  await followSubmission(call, { claim }, changed(written, { id: earlier.id }));
  await judgeExpected(call, claim, { deciding: [written] });
}
