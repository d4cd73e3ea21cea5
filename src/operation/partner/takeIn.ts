import type { Endpoint } from '@medplum/fhirtypes';
import { referenceText } from '../../datatypes/reference.ts';
import type { OperationContext } from '../operation.ts';

/** Takes in a file of a partner; done twice with the same bytes, it changes nothing. */
export async function takeIn(
  context: OperationContext,
  endpoint: Endpoint,
  bytes: AsyncIterable<Uint8Array>,
): Promise<void> {
  if (!context.processX12) throw new Error('this server reads no X12');
  await context.processX12(bytes, referenceText(endpoint));
}
