import type { Resource } from '@medplum/fhirtypes';
import { parseJson } from '../datatypes/json.ts';
import { parseReference } from '../datatypes/reference.ts';
import { parsePairs } from '../search/parse.ts';
import type { Reader } from '../store/store.ts';

const utf8 = new TextDecoder();

/** The current resource of a type that a reference names; undefined where there is none. */
export async function current<T extends Resource>(
  reader: Reader,
  type: T['resourceType'],
  reference: string,
): Promise<T | undefined> {
  const target = parseReference(reference);
  if (target?.type !== type) return undefined;
  const stored = await reader.read(type, target.id);
  return stored && !stored.deleted ? (parseJson(utf8.decode(stored.json)) as T) : undefined;
}

/** The first thousand matches: nobody has more Consents or roles. */
export async function found<T extends Resource>(
  reader: Reader,
  type: T['resourceType'],
  parameters: Readonly<Record<string, string>>,
): Promise<T[]> {
  const query = parsePairs(type, Object.entries({ ...parameters, _count: '1000' }));
  const { matches } = await reader.search(query);
  return matches.map(({ json }) => parseJson(utf8.decode(json)) as T);
}
