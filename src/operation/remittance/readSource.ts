import type { Binary } from '@medplum/fhirtypes';
import type { Advice } from '../../billing/remittance/advice.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { readResource } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import type { SetEnd, Unit } from '../../x12/part.ts';
import { readBytes } from '../../x12/read.ts';
import type { Source } from './desk.ts';
import { read835Set } from './read835Set.ts';

/** What a remittance that was entered by hand is kept as. */
export const enteredType = 'application/json';

/** The remittance as it came: from the interchange, or as it was entered by hand. */
export async function readSource(reader: Reader, source: Source | undefined): Promise<Advice> {
  const id = parseReference(source?.binary)?.id;
  if (source === undefined || id === undefined) throw new Error('the remittance has no source');
  const { contentType, data = '' } = await readResource<Binary>(reader, 'Binary', id);
  const bytes = Buffer.from(data, 'base64');
  if (contentType === enteredType) return JSON.parse(bytes.toString('utf8')) as Advice;
  return read835Set(setAt(bytes, source.position ?? 0));
}

/** The units of the set that begins at a position of its interchange. */
// eslint-disable-next-line @typescript-eslint/require-await
async function* setAt(bytes: Uint8Array, position: number): AsyncGenerator<Unit | SetEnd> {
  let units: Unit[] = [];
  for (const part of readBytes(bytes)) {
    if (part.kind === 'set') units = [];
    if (part.kind === 'unit') units.push(part);
    if (part.kind !== 'setEnd' || part.position !== position) continue;
    yield* units;
    yield part;
    return;
  }
}
