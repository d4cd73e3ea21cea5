import { createHash } from 'node:crypto';
import type { Binary } from '@medplum/fhirtypes';
import { referenceText } from '../../datatypes/reference.ts';
import { createResource, readResource } from '../../interaction/repository.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import type { OperationContext } from '../operation.ts';

/** Keeps an interchange that we send, before it leaves: Binary/1. */
export async function keepInterchange(
  context: OperationContext,
  tx: Transaction,
  bytes: Uint8Array,
): Promise<string> {
  const data = Buffer.from(bytes).toString('base64');
  const kept = await createResource<Binary>(context, tx, {
    resourceType: 'Binary',
    contentType: 'application/EDI-X12',
    data,
  });
  return referenceText(kept);
}

/** The bytes of an interchange that was kept. */
export async function keptInterchange(reader: Reader, binary: string): Promise<Uint8Array> {
  const { data = '' } = await readResource<Binary>(reader, 'Binary', binary.replace('Binary/', ''));
  return Buffer.from(data, 'base64');
}

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
