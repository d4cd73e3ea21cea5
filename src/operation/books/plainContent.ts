import type { Resource } from '@medplum/fhirtypes';
import { has } from '../../datatypes/coding.ts';
import { contentText } from '../../datatypes/content.ts';
import { without } from '../../datatypes/json.ts';
import { extension, ownBase, system } from '../../terminology/system.ts';

const ours = new Set<string>(Object.values(extension));
const isOurs = (url: unknown): boolean =>
  typeof url === 'string' && (ours.has(url) || url.startsWith(ownBase));

/** What a resource that stands in the books says, by element: all but what a plain write may change. */
export function plainContent(resource: Resource): Record<string, unknown> {
  const rest = structural(without(resource, 'meta', 'text' as keyof Resource, 'note' as keyof Resource));
  const content = isObject(rest) ? rest : {};
  if (resource.resourceType !== 'Task') return content;
  return Object.fromEntries(Object.entries(content).filter(([name]) => ofTask.includes(name)));
}

/** Of a Task the books keep where its claim stands; the work of people on it is theirs. */
const ofTask: readonly string[] = ['code', 'focus', 'status', 'businessStatus', 'output'];

/** The first element of two resources that differs; undefined where the books have the same of both. */
export function firstDifference(before: Resource, after: Resource, apart?: string): string | undefined {
  const [a, b] = [plainContent(before), plainContent(after)];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].find(
    (key) => key !== apart && contentText(a[key]) !== contentText(b[key]),
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value without the extensions of others and without documents of a Claim; what is empty then is left out. */
function structural(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(structural);
  if (!isObject(value)) return value;
  const kept: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const left = Array.isArray(item) ? item.filter((one) => !isFree(key, one)) : item;
    const inner = structural(left);
    const isEmpty =
      (Array.isArray(inner) && inner.length === 0) || (isObject(inner) && Object.keys(inner).length === 0);
    if (!isEmpty) kept[key] = inner;
  }
  return kept;
}

/** Whether anybody may add or take away an item: an extension that is not ours, a document on a Claim. */
function isFree(key: string, item: unknown): boolean {
  if (!isObject(item)) return false;
  if (key === 'extension') return !isOurs(item['url']);
  return key === 'supportingInfo' && has(conceptOf(item['category']), system.supportingInfo, 'attachment');
}

/** The codings of a concept in a resource that was judged when it came in. */
const conceptOf = (value: unknown): { coding?: { system?: string; code?: string }[] } | undefined =>
  isObject(value) ? value : undefined;
