import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { isId } from '../datatypes/id.ts';
import { keepPrecision, parseJson, toJson } from '../datatypes/json.ts';
import { stale } from '../outcome/fhirError.ts';
import type { Stored } from './store.ts';

/** The versions of a resource: what every store agrees on, whatever it keeps them in. */
const utf8 = new TextDecoder();

/** The text of a version is its head, which names the version, and the rest, which is what was sent. */
const head = (type: string, id: string, version: number, updated: string): string =>
  `{"resourceType":"${type}","id":"${id}","meta":{"versionId":"${version}","lastUpdated":"${updated}"`;

function rest(resource: Resource): string {
  // eslint-disable-next-line claimwright/no-resource-spread -- keepPrecision below keeps what the rest would lose
  const { resourceType: _type, id: _id, meta, ...content } = resource as Resource & Record<string, unknown>;
  const { versionId: _version, lastUpdated: _updated, ...other } = (meta ?? {}) as Record<string, unknown>;
  const metaText = toJson(keepPrecision(meta ?? {}, other));
  const text = toJson(keepPrecision(resource, content));
  return `${metaText === '{}' ? '' : `,${metaText.slice(1, -1)}`}}${text === '{}' ? '}' : `,${text.slice(1)}`}`;
}

export interface PutOptions {
  readonly method?: 'POST' | 'PUT';
  readonly ifMatch?: number;
  readonly fresh?: boolean;
}

/**
 * The version that follows `before`, or `before` itself when the resource says the same. Sets meta.versionId and
 * meta.lastUpdated on the resource. `stampOf` gives the instant of the write. Throws 412 when `ifMatch` is another.
 */
export function nextVersion<T extends Stored>(
  before: T | undefined,
  resource: Resource & { id: string },
  options: PutOptions,
  stampOf: (previous: string | undefined) => string,
): Stored | T {
  const type = resource.resourceType;
  const { id } = resource;
  if (!isId(id)) throw new Error('a resource is stored under an id that is none');
  refuseStale(before, { type, id }, options.ifMatch);
  const text = rest(resource);
  if (before && !before.deleted && isEqual(before, text)) {
    stamp(resource, before.version, before.lastUpdated);
    return before;
  }
  const version = (before?.version ?? 0) + 1;
  const lastUpdated = stampOf(before?.lastUpdated);
  const json = Buffer.from(head(type, id, version, lastUpdated) + text);
  stamp(resource, version, lastUpdated);
  return { type, id, version, lastUpdated, method: options.method ?? 'PUT', deleted: false, json };
}

/** The deletion that follows `before`; undefined when there is nothing to delete. Throws 412 as above. */
export function nextDeletion(
  before: Stored | undefined,
  { type, id }: { readonly type: ResourceType; readonly id: string },
  ifMatch: number | undefined,
  stampOf: (previous: string | undefined) => string,
): Stored | undefined {
  refuseStale(before, { type, id }, ifMatch);
  if (!before || before.deleted) return undefined;
  const lastUpdated = stampOf(before.lastUpdated);
  const version = before.version + 1;
  return { type, id, version, lastUpdated, method: 'DELETE', deleted: true, json: new Uint8Array() };
}

function refuseStale(
  before: Stored | undefined,
  { type, id }: { readonly type: ResourceType; readonly id: string },
  ifMatch: number | undefined,
): void {
  if (ifMatch !== undefined && (before?.deleted !== false || before.version !== ifMatch))
    throw stale(`${type}/${id}`);
}

/** The resource of a version. */
export const resourceOf = (stored: Pick<Stored, 'json'>): Resource =>
  parseJson(utf8.decode(stored.json)) as Resource;

function stamp(resource: Resource, version: number, lastUpdated: string): void {
  const { versionId: _version, lastUpdated: _updated, ...other } = resource.meta ?? {};
  resource.meta = keepPrecision(resource.meta ?? {}, { versionId: String(version), lastUpdated, ...other });
}

/** True when the text of the current version, its head apart, says the same; the order of elements does not matter. */
function isEqual(before: Stored, text: string): boolean {
  const start = head(before.type, before.id, before.version, before.lastUpdated).length;
  const stored = utf8.decode(before.json);
  if (stored.length !== start + text.length) return false;
  if (stored.endsWith(text)) return true;
  return sorted(stored.slice(start)) === sorted(text);
}

/** A text with the elements of every object in order of name, decimals as written. */
function sorted(text: string): string {
  const order = (value: unknown): unknown => {
    if (Array.isArray(value)) return keepPrecision(value, value.map(order));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return keepPrecision(value, Object.fromEntries(entries.map(([key, item]) => [key, order(item)])));
  };
  return toJson(order(parseJson(`{"meta":{"":0${text}`)));
}
