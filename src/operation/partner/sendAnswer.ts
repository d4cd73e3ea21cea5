import type { Endpoint } from '@medplum/fhirtypes';
import { resolve } from '../../interaction/repository.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import type { OperationContext } from '../operation.ts';
import { enqueueOutgoing, fixed } from './interchangeJob.ts';
import type { Numbers } from './numbers.ts';
import { isTradingPartner, partnerOf, type Between, type Partner } from './tradingPartner.ts';

/** The trading partner that an Endpoint is; undefined where it is none any more. */
export async function partnerAt(reader: Reader, reference: string): Promise<Partner | undefined> {
  const endpoint = await resolve<Endpoint>(reader, 'Endpoint', { reference });
  return endpoint && isTradingPartner(endpoint) ? partnerOf(endpoint) : undefined;
}

/**
 * Sends what acknowledges an interchange to the partner it came from, in the transaction that kept both. It goes between
 * the ids of that interchange: a payer behind a clearinghouse has others than the Endpoint, and numbers of its own.
 */
export async function sendAnswer(
  context: OperationContext,
  tx: Transaction,
  partner: Partner,
  answer: { readonly binary: string; readonly numbers: Numbers; readonly between: Between },
): Promise<void> {
  const sealed = fixed(context, { ...partner, ...answer.between }, answer.numbers);
  await enqueueOutgoing(tx, { ...sealed, is: 'written', binary: answer.binary });
}
