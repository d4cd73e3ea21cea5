import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { parseJson } from '../datatypes/json.ts';
import { parseReference } from '../datatypes/reference.ts';
import { gone, notFound } from '../outcome/fhirError.ts';
import { parsePairs } from '../search/parse.ts';
import type { Reader, Stored } from '../store/store.ts';
import { noteRead } from './origin.ts';

const utf8 = new TextDecoder();

/** The resource of a stored version, parsed afresh: the caller may change it. */
export const parsed = <T extends Resource>(stored: Stored): T => parseJson(utf8.decode(stored.json)) as T;

/** Reads a current version; 404 when it is not known, 410 when it was deleted. */
export async function readStored(reader: Reader, type: ResourceType, id: string): Promise<Stored> {
  const stored = await reader.read(type, id);
  if (stored) noteRead(reader, stored);
  if (!stored) throw notFound(`${type}/${id}`);
  if (stored.deleted) throw gone(`${type}/${id}`);
  return stored;
}

/** Reads a current resource; 404 when it is not known, 410 when it was deleted. */
export const readResource = async <T extends Resource>(
  reader: Reader,
  type: T['resourceType'],
  id: string,
): Promise<T> => parsed<T>(await readStored(reader, type, id));

/** Reads what a literal reference of the type names; undefined when there is no such thing here. */
export async function resolve<T extends Resource>(
  reader: Reader,
  type: T['resourceType'],
  reference: { readonly reference?: string | undefined } | undefined,
): Promise<T | undefined> {
  const target = parseReference(reference?.reference);
  if (target?.type !== type) return undefined;
  const stored = await reader.read(target.type, target.id);
  if (!stored || stored.deleted) return undefined;
  noteRead(reader, stored);
  return parsed<T>(stored);
}

/** Every match of a search, all pages: find(tx, 'Condition', { encounter: 'Encounter/1' }). Never cut. A list of values is a parameter repeated. */
export async function find<T extends Resource>(
  reader: Reader,
  type: T['resourceType'],
  parameters: Readonly<Record<string, string | readonly string[]>>,
): Promise<T[]> {
  const pairs = Object.entries({ ...parameters, _count: '1000' });
  const query = parsePairs(
    type,
    pairs.flatMap(([name, values]) => [values].flat().map((value) => [name, value] as const)),
  );
  const found: T[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await reader.search({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    for (const match of page.matches) {
      noteRead(reader, match);
      found.push(parsed<T>(match));
    }
    cursor = page.next;
    if (cursor === undefined) return found;
  }
}
