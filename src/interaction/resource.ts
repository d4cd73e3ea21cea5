import type { Resource } from '@medplum/fhirtypes';
import { parseJson } from '../datatypes/json.ts';
import { parseReference } from '../datatypes/reference.ts';
import { FhirError, gone, notFound } from '../outcome/fhirError.ts';
import { isFault } from '../outcome/issue.ts';
import { parsePairs } from '../search/parse.ts';
import type { Reader, Stored, Transaction } from '../store/store.ts';
import type { Context } from './context.ts';

const utf8 = new TextDecoder();

/** The resource of a stored version, parsed afresh: the caller may change it. */
export const parsed = <T extends Resource>(stored: Stored): T => parseJson(utf8.decode(stored.json)) as T;

/** Reads a current resource; 404 when it is not known, 410 when it was deleted. */
export async function readResource<T extends Resource>(
  reader: Reader,
  type: T['resourceType'],
  id: string,
): Promise<T> {
  const stored = await reader.read(type, id);
  if (!stored) throw notFound(`${type}/${id}`);
  if (stored.deleted) throw gone(`${type}/${id}`);
  return parsed<T>(stored);
}

/** Reads what a literal reference of the type names; undefined when there is no such thing here. */
export async function resolve<T extends Resource>(
  reader: Reader,
  type: T['resourceType'],
  reference: { readonly reference?: string | undefined } | undefined,
): Promise<T | undefined> {
  const target = parseReference(reference?.reference);
  if (target?.type !== type) return undefined;
  const stored = await reader.read(target.type, target.id);
  return stored && !stored.deleted ? parsed<T>(stored) : undefined;
}

/** Every match of a search, all pages: find(tx, 'Condition', { encounter: 'Encounter/1' }). Never cut. */
export async function find<T extends Resource>(
  reader: Reader,
  type: T['resourceType'],
  parameters: Readonly<Record<string, string>>,
): Promise<T[]> {
  const query = parsePairs(type, Object.entries({ ...parameters, _count: '1000' }));
  const found: T[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await reader.search({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    for (const match of page.matches) found.push(parsed<T>(match));
    cursor = page.next;
    if (cursor === undefined) return found;
  }
}

/** Creates a resource with a new id (or the one it brings); refuses what is structurally unsound. */
export async function createResource<T extends Resource>(
  context: Context,
  tx: Transaction,
  resource: T,
): Promise<T & { id: string }> {
  const made = resource as T & { id: string };
  made.id = resource.id ?? context.newId();
  return put(context, tx, made, 'POST');
}

/** Writes the next version of a resource that has an id; refuses what is structurally unsound. */
export const updateResource = <T extends Resource>(
  context: Context,
  tx: Transaction,
  resource: T & { id: string },
): Promise<T & { id: string }> => put(context, tx, resource, 'PUT');

async function put<T extends Resource>(
  context: Context,
  tx: Transaction,
  resource: T & { id: string },
  method: 'POST' | 'PUT',
): Promise<T & { id: string }> {
  const faults = context.validate(resource).filter(isFault);
  if (faults.length > 0) throw new FhirError(422, faults);
  await tx.put(resource, { method });
  return resource;
}
