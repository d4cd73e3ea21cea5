import type { DocumentReference } from '@medplum/fhirtypes';
import { dateOf } from '../../datatypes/date.ts';
import { resolve } from '../../interaction/repository.ts';
import type { Handler } from '../../job/queue.ts';
import type { Transaction } from '../../store/store.ts';
import type { Letter } from '../letter/letter.ts';
import { printApart } from '../letter/printApart.ts';
import type { OperationContext } from '../operation.ts';
import { printingJobKey } from '../uniqueKey.ts';
import { raiseTask } from '../worklist/task.ts';
import { addPdf } from './keepDocument.ts';

const kind = 'bill-printing';

interface Payload {
  readonly document: string; // its id
  readonly letter?: Letter; // of a job that an earlier version put into the queue
}

/**
 * Puts the printing of a record that is kept into the queue, with all that its letter says. The letter is the result so
 * far, and is not kept with the job once it is printed.
 */
export async function enqueuePrinting(
  { context, tx }: { readonly context: OperationContext; readonly tx: Transaction },
  { document, letter }: Required<Payload>,
): Promise<void> {
  await tx.jobs.enqueue({
    key: printingJobKey(`DocumentReference/${document}`),
    kind,
    payload: JSON.stringify({ document } satisfies Payload),
    result: JSON.stringify(letter),
    due: Date.parse(context.now()),
  });
}

const payloadOf = (text: string): Payload => JSON.parse(text) as Payload;

/**
 * Prints what a night has kept: in another thread, and outside of every transaction. Once, whatever is killed. One at a
 * time: thousands of them do not stand before the claims that are to be sent.
 */
export const billPrinting = (context: OperationContext): Handler => ({
  kind,
  alone: true,
  run: async (lease) => {
    const { document, letter } = payloadOf(lease.job.payload);
    const bytes = await printApart(letter ?? (JSON.parse(lease.job.result ?? '') as Letter));
    await context.store.transaction(async (tx) => {
      await addPdf({ context, tx }, document, bytes);
      await tx.jobs.change(lease, { state: 'done', result: JSON.stringify({ is: 'printed' }) });
    });
    return undefined;
  },
  giveUp: (tx, lease) =>
    tellOfFailure(context, tx, `DocumentReference/${payloadOf(lease.job.payload).document}`),
});

/** The record stays preliminary, its Communication in preparation: a person sends another one. */
async function tellOfFailure(context: OperationContext, tx: Transaction, reference: string): Promise<void> {
  const document = await resolve<DocumentReference>(tx, 'DocumentReference', { reference });
  if (!document) return;
  await raiseTask(
    { context, tx, on: dateOf(context.now()) },
    {
      code: 'statement-review',
      focus: reference,
      detail: 'printing',
      text: `${reference} could not be printed and was not sent: call $statement on its Account`,
      patient: document.subject?.reference,
      practice: document.custodian?.reference,
    },
  );
}
