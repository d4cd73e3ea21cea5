import type { Task } from '@medplum/fhirtypes';
import type { HopFact } from '../../billing/claim/life.ts';
import { hopsOf } from '../../datatypes/hop.ts';
import type { JobReader } from '../../store/job.ts';
import { hopTerms } from '../../terminology/system.ts';
import { submissionJobKey } from '../uniqueKey.ts';
import { deliveryOf } from './handedOver.ts';

/** The number (CLM01) under which a claim (Claim/1) is on its way now. */
export async function numberOnItsWay(
  { jobs }: { readonly jobs: Pick<JobReader, 'read'> },
  claim: string,
): Promise<string | undefined> {
  const job = await jobs.read(submissionJobKey(claim));
  return job && deliveryOf(job).controlNumber;
}

/** What was said of a claim (Claim/1) in the round in which it is on its way; what was said of a former one counts no more. */
export async function hopsOfRound(
  reader: { readonly jobs: Pick<JobReader, 'read'> },
  claim: string,
  task: Pick<Task, 'output'> | undefined,
): Promise<readonly HopFact[]> {
  const all = hopsOf(task, hopTerms);
  if (all.length === 0) return [];
  const control = await numberOnItsWay(reader, claim);
  return all
    .filter((hop) => hop.control === control)
    .flatMap(({ hop, status, on }) => (status === undefined ? [] : [{ hop, status, on }]));
}
