import type { Resource } from '@medplum/fhirtypes';
import { claimLevels } from '../../billing/submission/claim837/claimSet.ts';
import { formOf } from '../../billing/submission/claim837/sending.ts';
import { referenceText } from '../../datatypes/reference.ts';
import type { Transmission } from '../../gateway/gateway.ts';
import type { Loop } from '../../x12/loop.ts';
import { X12WriteError } from '../../x12/writeError.ts';
import type { ClaimLoop, OperationContext } from '../operation.ts';
import { readSent } from '../submission/readSent.ts';

/** A claim as it goes into an interchange: loop 2000A with its levels. What must not be sent throws an X12WriteError. */
export const claimLoop = (
  context: OperationContext,
  transmission: Parameters<ClaimLoop>[1],
): ReturnType<ClaimLoop> => (context.claimLoop ?? writtenLoop)(context, transmission);

async function writtenLoop(
  { store }: OperationContext,
  { claim, coverage, priors, controlNumber }: Transmission,
): Promise<Loop> {
  const form = formOf(claim);
  if (!form) throw new X12WriteError('There is no 837 for this type of claim.');
  const known = await readSent(store, claim);
  // what was handed over counts, whatever changed since
  const handed: readonly Resource[] = [coverage, ...priors];
  for (const resource of handed) if (resource.id !== undefined) known.set(referenceText(resource), resource);
  const { loop, problems } = claimLevels(form, { claim, known, number: controlNumber });
  const refused = problems.find(({ refuses }) => refuses === true);
  if (refused) throw new X12WriteError(`The claim cannot be sent as an 837: ${refused.text}.`);
  return loop;
}
