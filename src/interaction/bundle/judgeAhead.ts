import type { Bundle } from '@medplum/fhirtypes';
import type { Issue } from '../../outcome/issue.ts';
import { breather } from '../breather.ts';
import type { Context } from '../context.ts';
import { faultsOf } from '../repository.ts';

/** Issues that are kept of all entries together; of further entries only the first. */
const keptMax = 1000;

/**
 * The faults of the resources that a transaction writes, by entry. They are validated before the transaction begins, so
 * that other requests are served meanwhile, which is not possible inside it.
 */
export async function judgeAhead(
  context: Context,
  { entry = [] }: Bundle,
): Promise<ReadonlyMap<number, readonly Issue[]>> {
  const breathe = breather();
  const found = new Map<number, readonly Issue[]>();
  let kept = 0;
  for (const [index, { request, resource }] of entry.entries()) {
    if (!request || !/^(?:POST|PUT)$/.test(request.method) || request.url.includes('$')) continue;
    if (typeof resource !== 'object') continue;
    const faults = faultsOf(context, resource);
    found.set(index, kept < keptMax ? faults : faults.slice(0, 1));
    kept += faults.length;
    await breathe();
  }
  return found;
}
