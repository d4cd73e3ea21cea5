import { dateInZone } from '../../datatypes/date.ts';
import type { Transaction } from '../../store/store.ts';
import type { OperationContext } from '../operation.ts';
import { raiseTask } from '../worklist/task.ts';

/** Something about an interchange that came in which a person has to see to. */
interface Told {
  readonly binary: string; // Binary/1: the interchange
  readonly detail: string; // which part of it
  readonly text: string;
}

export const tell = (context: OperationContext, tx: Transaction, told: Told): Promise<void> =>
  raiseTask(
    { context, tx, on: dateInZone(context.now(), context.timeZone) },
    { code: 'inbound', focus: told.binary, detail: told.detail, text: told.text },
  );
