import type { Endpoint } from '@medplum/fhirtypes';
import type { OperationContext } from '../operation.ts';

/** Takes in a file of a partner; done twice with the same bytes, it changes nothing. */
export async function takeIn(
  context: OperationContext,
  _endpoint: Endpoint,
  bytes: AsyncIterable<Uint8Array>,
): Promise<void> {
  if (!context.processX12) throw new Error('this server reads no X12');
  await context.processX12(bytes);
}
