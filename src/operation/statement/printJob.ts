import type { Handler } from '../../job/queue.ts';
import type { Transaction } from '../../store/store.ts';
import type { Letter } from '../letter/letter.ts';
import { printApart } from '../letter/printApart.ts';
import type { OperationContext } from '../operation.ts';
import { printingJobKey } from '../uniqueKey.ts';
import { addPdf } from './keepDocument.ts';

const kind = 'bill-printing';

interface Payload {
  readonly document: string; // its id
  readonly letter: Letter;
}

/** Puts the printing of a record that is kept into the queue, with all that its letter says. */
export async function enqueuePrinting(
  { context, tx }: { readonly context: OperationContext; readonly tx: Transaction },
  payload: Payload,
): Promise<void> {
  await tx.jobs.enqueue({
    key: printingJobKey(`DocumentReference/${payload.document}`),
    kind,
    payload: JSON.stringify(payload),
    due: Date.parse(context.now()),
  });
}

/** Prints what a night has kept: in another thread, and outside of every transaction. Once, whatever is killed. */
export const billPrinting = (context: OperationContext): Handler => ({
  kind,
  run: async (lease) => {
    const { document, letter } = JSON.parse(lease.job.payload) as Payload;
    const bytes = await printApart(letter);
    await context.store.transaction(async (tx) => {
      await addPdf({ context, tx }, document, bytes);
      await tx.jobs.change(lease, { state: 'done' });
    });
    return undefined;
  },
  giveUp: () => Promise.resolve(), // the record stays preliminary, its Communication in preparation
});
