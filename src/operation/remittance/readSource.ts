import type { Binary } from '@medplum/fhirtypes';
import type { Advice } from '../../billing/remittance/advice.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { readResource } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import type { Source } from './desk.ts';

/** What a remittance that was entered by hand is kept as. */
export const enteredType = 'application/json';

/** The remittance as it came: from the interchange, or as it was entered by hand. */
export async function readSource(reader: Reader, source: Source | undefined): Promise<Advice> {
  const id = parseReference(source?.binary)?.id;
  if (id === undefined) throw new Error('the remittance has no source');
  const { contentType, data = '' } = await readResource<Binary>(reader, 'Binary', id);
  const text = Buffer.from(data, 'base64').toString('utf8');
  if (contentType === enteredType) return JSON.parse(text) as Advice;
  throw new Error(`a Binary of ${contentType} is no remittance`);
}
