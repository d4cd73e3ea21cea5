import type { Resource } from '@medplum/fhirtypes';
import { copyOf } from '../../datatypes/json.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A resource with every reference to one record turned to another; references to a version stay. */
export function turned<T extends Resource>(resource: T, from: string, to: string): T {
  const copy = copyOf(resource);
  turnIn(copy, from, to);
  return copy;
}

function turnIn(value: unknown, from: string, to: string): void {
  if (Array.isArray(value)) for (const one of value) turnIn(one, from, to);
  if (!isObject(value)) return;
  if (value['reference'] === from) value['reference'] = to;
  for (const one of Object.values(value)) turnIn(one, from, to);
}

/**
 * A resource with those references turned back that an earlier state of it has to `from`, wherever they still name `to`:
 * what came to name it since stays.
 */
export function turnedBack<T extends Resource>(
  now: T,
  before: Resource,
  of: { readonly from: string; readonly to: string },
): T {
  const copy = copyOf(now);
  turnBackIn(copy, before, of);
  return copy;
}

function turnBackIn(now: unknown, before: unknown, of: { readonly from: string; readonly to: string }): void {
  if (Array.isArray(now) && Array.isArray(before))
    for (const [i, one] of now.entries()) turnBackIn(one, before[i], of);
  if (!isObject(now) || !isObject(before)) return;
  if (now['reference'] === of.to && before['reference'] === of.from) now['reference'] = of.from;
  for (const [name, one] of Object.entries(now)) turnBackIn(one, before[name], of);
}
