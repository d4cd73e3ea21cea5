import type { Resource } from '@medplum/fhirtypes';
import { parseExact, parseJson, toJson } from '../../datatypes/json.ts';
import { badRequest, unprocessable } from '../../outcome/fhirError.ts';
import { invalid } from '../../outcome/issue.ts';
import type { Stored } from '../../store/store.ts';
import type { PatchFormat } from '../rest/request.ts';
import { isHolder, type Holder } from './elementNode.ts';
import { fhirpathPatch } from './fhirpathPatch.ts';
import { jsonPatch } from './jsonPatch.ts';

export interface PatchOptions {
  readonly patchFormat?: PatchFormat | undefined;
  readonly operationsMax?: number; // of a JSON Patch
}

const utf8 = new TextDecoder();

/**
 * The resource that a patch makes of a version, decimals as they are written. 422 when it would get another type or id.
 * An element that is left without content is left out. See https://hl7.org/fhir/R4/http.html#patch
 */
export function applyPatch(
  stored: Stored,
  body: unknown,
  { patchFormat: format, operationsMax }: PatchOptions,
): Resource & { id: string } {
  if (body === undefined) throw badRequest('malformed-patch', 'there is no patch in the body');
  const before = parseExact(utf8.decode(stored.json)) as Holder;
  const patch = parseExact(toJson(body));
  const after = format === 'json-patch' ? jsonPatch(before, patch, operationsMax) : before;
  if (format !== 'json-patch') fhirpathPatch(before, patch);
  const { type, id } = stored;
  if (!isHolder(after) || after['resourceType'] !== type || after['id'] !== id) {
    throw unprocessable([invalid('identity-changed', `${type}.id`, 'a patch cannot change type or id')]);
  }
  prune(after);
  return parseJson(JSON.stringify(after)) as Resource & { id: string };
}

/** Leaves out what has no content; true when nothing is left. */
function prune(holder: Holder): boolean {
  for (const [key, value] of Object.entries(holder)) {
    if (Array.isArray(value)) {
      const left = pruned(value as unknown[], key.startsWith('_'));
      holder[key] = left;
      if (left.every((item) => item === null)) Reflect.deleteProperty(holder, key);
    } else if (isHolder(value) && prune(value)) Reflect.deleteProperty(holder, key);
  }
  return Object.keys(holder).length === 0;
}

/** What is left of a list; beside primitives every place is kept, for it is that of a primitive. */
function pruned(list: readonly unknown[], keepsPlaces: boolean): unknown[] {
  const isLeft = (item: unknown): boolean => !(isHolder(item) && prune(item));
  return keepsPlaces ? list.map((item) => (isLeft(item) ? item : null)) : list.filter(isLeft);
}
