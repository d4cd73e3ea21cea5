import type { Binary } from '@medplum/fhirtypes';
import { referenceText } from '../../datatypes/reference.ts';
import { createResource } from '../../interaction/repository.ts';
import type { Store, Transaction } from '../../store/store.ts';
import { extension } from '../../terminology/system.ts';
import type { OperationContext } from '../operation.ts';
import { gatherContent, placeContent, readContent, type Gathered } from '../x12/content.ts';

/** The bytes of an interchange that we send, large ones in the store already: lost unless they are kept. */
export const gatherInterchange = ({ store, newId }: OperationContext, bytes: Uint8Array): Promise<Gathered> =>
  gatherContent({ store, key: newId() }, once(bytes), () => undefined);

/** Keeps an interchange that we send, before it leaves: Binary/1. */
export async function keepInterchange(
  context: OperationContext,
  tx: Transaction,
  gathered: Gathered,
): Promise<string> {
  const made = await createResource<Binary>(context, tx, {
    resourceType: 'Binary',
    meta: { extension: [{ url: extension.sha256, valueString: gathered.sha256 }] },
    contentType: 'application/EDI-X12',
    ...(gathered.inline ? { data: gathered.inline.toString('base64') } : {}),
  });
  await placeContent(tx, referenceText(made), gathered);
  return referenceText(made);
}

/** The bytes of an interchange that was kept. */
export async function keptInterchange(store: Store, binary: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readContent(store, binary)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
