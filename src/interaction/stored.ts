import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { LRUCache } from 'lru-cache';
import { parseJson } from '../datatypes/json.ts';
import { parseReference } from '../datatypes/reference.ts';
import { gone, notFound } from '../outcome/fhirError.ts';
import { parsePairs } from '../search/parse.ts';
import type { SearchQuery } from '../search/query.ts';
import type { Reader, Stored } from '../store/store.ts';
import { noteRead } from './origin.ts';

const utf8 = new TextDecoder();

/** The resource of a stored version, parsed afresh: the caller may change it. */
export const parsed = <T extends Resource>(stored: Stored): T => parseJson(utf8.decode(stored.json)) as T;

/** Reads a current version; 404 when it is not known, 410 when it was deleted. */
export async function readStored(reader: Reader, type: ResourceType, id: string): Promise<Stored> {
  const stored = await reader.read(type, id);
  if (!stored) throw notFound(`${type}/${id}`);
  if (stored.deleted) throw gone(`${type}/${id}`);
  noteRead(reader, stored);
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

/**
 * Reads what any reference names, of whatever type, and what a step does not depend on: where it comes from does not name
 * it. Undefined when there is no such thing here.
 */
export async function readQuietly(
  reader: Reader,
  reference: string | undefined,
): Promise<Resource | undefined> {
  const target = parseReference(reference);
  const stored = target && (await reader.read(target.type, target.id));
  return stored && !stored.deleted ? parsed(stored) : undefined;
}

/** What one resource after another is asked for: a visit's searches come again with each step of its billing. */
const queriesMax = 2000;
const queries = new LRUCache<string, SearchQuery>({ max: queriesMax });

/** The query of parameters of R4: it depends on their text alone, so it is parsed once. */
function queryOf(
  type: ResourceType,
  parameters: Readonly<Record<string, string | readonly string[]>>,
): SearchQuery {
  const key = `${type}?${JSON.stringify(parameters)}`;
  const known = queries.get(key);
  if (known) return known;
  const pairs = Object.entries({ ...parameters, _count: '1000' });
  const query = parsePairs(
    type,
    pairs.flatMap(([name, values]) => [values].flat().map((value) => [name, value] as const)),
  );
  if (key.length <= keyLengthMax) queries.set(key, query);
  return query;
}
/** Queries of many values are not kept. */
const keyLengthMax = 500;

/** Every match of a search, all pages: find(tx, 'Condition', { encounter: 'Encounter/1' }). Never cut. A list of values is a parameter repeated. */
export async function find<T extends Resource>(
  reader: Reader,
  type: T['resourceType'],
  parameters: Readonly<Record<string, string | readonly string[]>>,
): Promise<T[]> {
  const query = queryOf(type, parameters);
  const found: T[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await reader.search(cursor === undefined ? query : { ...query, cursor });
    for (const match of page.matches) {
      noteRead(reader, match);
      found.push(parsed<T>(match));
    }
    cursor = page.next;
    if (cursor === undefined) return found;
  }
}
