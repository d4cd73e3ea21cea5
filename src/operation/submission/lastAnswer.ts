import type { Claim } from '@medplum/fhirtypes';
import { dateOf } from '../../datatypes/date.ts';
import { parseReference } from '../../datatypes/reference.ts';
import type { Call } from '../operation.ts';
import { holderOf, responseKey } from '../uniqueKey.ts';

/** When the claim that this one corrects was answered last; undefined for an original and where nothing is known. */
export async function lastAnswer(
  { tx }: Pick<Call, 'tx'>,
  { related = [] }: Claim,
): Promise<string | undefined> {
  for (const { claim } of related) {
    const target = parseReference(claim?.reference);
    if (target?.type !== 'Claim') continue;
    const response = await holderOf(tx, responseKey(`Claim/${target.id}`));
    if (response) return dateOf(response.created);
  }
  return undefined;
}
