import type { Parameters } from '@medplum/fhirtypes';
import { isTraced, tracing } from '../../interaction/origin.ts';
import { putMade } from '../../interaction/repository.ts';
import type { Transaction } from '../../store/store.ts';
import type { OperationContext } from '../operation.ts';
import { provenancesOf, type Activity } from './provenance.ts';

/** What a step is called, and why it is done. */
export interface Step {
  /** The code of the operation, or of the background work. */
  readonly activity: string;
  /** The canonical URL of the operation; background work has none. */
  readonly definition?: string | undefined;
  readonly input?: Parameters;
  /** Set of background work: nobody asks, the server does it by itself. */
  readonly byServer?: true;
}

/**
 * Runs a step of a transaction, and writes where what it made comes from, with it: a Provenance that names the versions
 * made and read. A step inside of another is part of that. See docs/decision/0038
 */
export async function traced<T>(
  context: OperationContext,
  tx: Transaction,
  { byServer, ...step }: Step,
  work: () => Promise<T>,
): Promise<T> {
  if (isTraced(tx)) return work();
  return tracing(tx, async (origin) => {
    const result = await work();
    const activity: Activity = { ...step, recorded: context.now(), ...(byServer ? {} : askedBy(context)) };
    for (const provenance of provenancesOf(origin, activity, context.newId)) await putMade(tx, provenance);
    return result;
  });
}

const askedBy = ({ permits, roles = [] }: OperationContext): Pick<Activity, 'asker'> => ({
  asker: { roles, ...(permits?.user === undefined ? {} : { user: permits.user }) },
});
