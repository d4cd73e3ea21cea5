import type { Binary, PaymentReconciliation } from '@medplum/fhirtypes';
import type { Advice } from '../../billing/remittance/advice.ts';
import { isAdviceOf } from '../../billing/remittance/reconciliation.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { readResource } from '../../interaction/repository.ts';
import type { Reader, Store } from '../../store/store.ts';
import type { SetEnd, Unit } from '../../x12/part.ts';
import { readBytes } from '../../x12/read.ts';
import { readContent } from '../x12/content.ts';
import type { Source } from './desk.ts';
import { read835Set } from './read835Set.ts';

/** What a remittance that was entered by hand is kept as. */
export const enteredType = 'application/json';

/**
 * The remittance as it came: from the interchange, or as it was entered by hand. A file may hold several interchanges,
 * each counted from its ISA: `payment` tells its set from others at the same place.
 */
export async function readSource(
  reader: Reader,
  source: Source | undefined,
  { payment, store }: { readonly payment?: PaymentReconciliation; readonly store?: Store } = {},
): Promise<Advice> {
  const id = parseReference(source?.binary)?.id;
  if (source === undefined || id === undefined) throw new Error('the remittance has no source');
  const { contentType, data = '' } = await readResource<Binary>(reader, 'Binary', id);
  const bytes = store ? await wholeOf(store, source.binary) : Buffer.from(data, 'base64');
  if (contentType === enteredType) return JSON.parse(bytes.toString('utf8')) as Advice;
  for (const parts of setsAt(bytes, source.position ?? 0)) {
    const advice = await read835Set(handedOn(parts));
    if (!payment || isAdviceOf(payment, advice)) return advice;
  }
  throw new Error(`${source.binary} holds no such remittance`);
}

/** The bytes of an interchange; those of a large one lie beside its Binary, and are read outside of any transaction. */
async function wholeOf(store: Store, binary: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readContent(store, binary)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The sets that begin at a position of their interchange, each as its units and its end. */
function* setsAt(bytes: Uint8Array, position: number): Generator<(Unit | SetEnd)[]> {
  let parts: (Unit | SetEnd)[] = [];
  for (const part of readBytes(bytes)) {
    if (part.kind === 'set') parts = [];
    if (part.kind === 'unit') parts.push(part);
    if (part.kind === 'setEnd' && part.position === position) yield [...parts, part];
  }
}

// eslint-disable-next-line @typescript-eslint/require-await
async function* handedOn(parts: readonly (Unit | SetEnd)[]): AsyncGenerator<Unit | SetEnd> {
  yield* parts;
}
