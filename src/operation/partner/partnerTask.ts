import type { Task } from '@medplum/fhirtypes';
import { dateInZone } from '../../datatypes/date.ts';
import type { Transaction } from '../../store/store.ts';
import type { OperationContext } from '../operation.ts';
import { holderOf, taskKey } from '../uniqueKey.ts';
import { closeTask, raiseTask, type Work } from '../worklist/task.ts';

/** Work about a trading partner and what is exchanged with it, not about a claim. */
export interface PartnerWork {
  readonly code: Extract<Work['code'], 'inbound' | 'no-acknowledgement' | 'transmission'>;
  readonly endpoint: string; // Endpoint/1
  readonly detail: string; // which interchange or file
  readonly text: string;
}

export const raisePartnerTask = (
  context: OperationContext,
  tx: Transaction,
  { code, endpoint, detail, text }: PartnerWork,
): Promise<void> =>
  raiseTask(
    { context, tx, on: dateInZone(context.now(), context.timeZone) },
    { code, focus: endpoint, detail, text },
  );

/** Closes such work where it is open: it has ended by itself. */
export async function closePartnerTask(
  context: OperationContext,
  tx: Transaction,
  { code, endpoint, detail }: Omit<PartnerWork, 'text'>,
): Promise<void> {
  const task = await holderOf<Task>(tx, taskKey(code, endpoint, detail));
  if (task?.status === 'requested') await closeTask({ context, tx }, task);
}
