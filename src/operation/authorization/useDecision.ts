import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { referenceText } from '../../datatypes/reference.ts';
import type { Call } from '../operation.ts';

export const authorizationUseKind = 'authorization-use';

/**
 * What was decided reaches drafts and denied claims by a job of its own: each visit and each claim is a transaction, and none
 * of them can hold up the answer.
 */
export async function useDecision(
  { context, tx }: Pick<Call, 'context' | 'tx'>,
  claim: Claim & { id: string },
  { meta }: ClaimResponse,
): Promise<void> {
  const name = referenceText(claim);
  const key = `${authorizationUseKind}|${name}|${meta?.versionId ?? ''}`;
  const payload = JSON.stringify({ claim: name });
  await tx.jobs.enqueue({ key, kind: authorizationUseKind, payload, due: Date.parse(context.now()) });
}
