import type { Handler } from '../../job/queue.ts';
import type { Transaction } from '../../store/store.ts';
import type { OperationContext } from '../operation.ts';
import { dropExport, dropFiles, readState } from './exportState.ts';

const kind = 'bulk-export-removal';
/** Files removed in one transaction: each may have some megabytes. */
const filesAtOnce = 20;

interface Payload {
  readonly id: string;
  readonly isCancelled: boolean;
}

/** Makes the job that removes what an export keeps, once it has expired; of a cancelled one at once. */
export async function enqueueRemoval(
  tx: Transaction,
  id: string,
  due: number,
  isCancelled = false,
): Promise<void> {
  const payload: Payload = { id, isCancelled };
  const key = `${kind}|${id}${isCancelled ? '|cancelled' : ''}`;
  await tx.jobs.enqueue({ key, kind, payload: JSON.stringify(payload), due });
}

/** Removes the files of an export, some at a time, and in the end what is known of it. Beginning anew does no harm. */
export const exportRemoval = (context: OperationContext): Handler => ({
  kind,
  run: async (lease, signal) => {
    const { store } = context;
    const { id } = JSON.parse(lease.job.payload) as Payload;
    const count = (await readState(store, id))?.files.length ?? 0;
    for (let from = 0; from < count; from += filesAtOnce) {
      const now = context.now();
      if (signal.aborted) {
        await store.transaction((tx) => tx.jobs.change(lease, { state: 'due', due: Date.parse(now) }));
        return undefined;
      }
      const span = { from, to: Math.min(count, from + filesAtOnce) };
      await store.transaction((tx) => dropFiles(tx, id, span, now));
    }
    await store.transaction(async (tx) => {
      await dropExport(tx, id, context.now());
      await tx.jobs.change(lease, { state: 'done' });
    });
    return undefined;
  },
  giveUp: () => Promise.resolve(),
});
