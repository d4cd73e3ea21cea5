import { dateInZone } from '../../datatypes/date.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call, OperationContext } from '../operation.ts';

/** What a transaction that follows upon that of the call works with. */
export const laterCall = (context: OperationContext, tx: Transaction, on: string): Call => ({
  ...{ context, tx, on, target: {}, input: { resourceType: 'Parameters' }, dryRun: false, isPart: false },
  today: dateInZone(context.now(), context.timeZone),
});
