import type { Endpoint } from '@medplum/fhirtypes';
import { resolve } from '../../interaction/repository.ts';
import type { Transaction } from '../../store/store.ts';
import type { OperationContext } from '../operation.ts';
import { enqueueOutgoing, fixed } from './interchangeJob.ts';
import type { Numbers } from './numbers.ts';
import { isTradingPartner, partnerOf } from './tradingPartner.ts';

/** Sends what acknowledges an interchange to the partner it came from, in the transaction that kept both. */
export async function sendAnswer(
  context: OperationContext,
  tx: Transaction,
  answer: { readonly endpoint: string; readonly binary: string; readonly numbers: Numbers },
): Promise<void> {
  const endpoint = await resolve<Endpoint>(tx, 'Endpoint', { reference: answer.endpoint });
  if (!endpoint || !isTradingPartner(endpoint)) return;
  const sealed = fixed(context, partnerOf(endpoint), answer.numbers);
  await enqueueOutgoing(tx, { ...sealed, is: 'written', binary: answer.binary });
}
