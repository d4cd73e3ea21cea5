import type { Claim, Coverage } from '@medplum/fhirtypes';
import { resolve } from '../../interaction/repository.ts';
import { isFederal } from '../../terminology/coverageType.ts';
import type { Call } from '../operation.ts';

/** Of some lines those whose claim went to a federal programme: their share is never lowered by a rule. */
export async function federalLines<T extends { readonly claim?: string | undefined }>(
  { tx }: Pick<Call, 'tx'>,
  lines: readonly T[],
): Promise<T[]> {
  const known = new Map<string, boolean>();
  for (const { claim } of lines)
    if (claim !== undefined && !known.has(claim)) known.set(claim, await isOfFederal(tx, claim));
  return lines.filter(({ claim }) => claim !== undefined && known.get(claim) === true);
}

async function isOfFederal(tx: Call['tx'], name: string): Promise<boolean> {
  const claim = await resolve<Claim>(tx, 'Claim', { reference: name });
  for (const { coverage } of claim?.insurance ?? []) {
    const found = await resolve<Coverage>(tx, 'Coverage', coverage);
    if (found && isFederal(found)) return true;
  }
  return false;
}
