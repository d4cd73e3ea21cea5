import type { Guide, Node, Profile } from './guide.ts';
import { belongs } from './slice.ts';
import { isHolder, targetOf, valuesOf } from './value.ts';

/** A resource with one rule broken, and how the fault that must be found begins. */
export interface Mutant {
  readonly fault: string;
  readonly kind: 'min' | 'max' | 'value' | 'binding' | 'type' | 'target';
  readonly broken: () => unknown;
}

type Draft = Record<string, unknown>;
type Key = string | number;

const uncoded = { coding: [{ system: 'urn:example:none', code: 'none' }] };

/** A copy of the resource with one place changed. */
function changedAt(
  resource: unknown,
  keys: readonly Key[],
  change: (holder: Draft, key: string) => void,
): unknown {
  const copy = structuredClone(resource);
  let at = copy as Draft;
  for (const key of keys.slice(0, -1)) at = at[String(key)] as Draft;
  change(at, String(keys.at(-1)));
  return copy;
}

interface Place {
  readonly keys: readonly Key[];
  readonly value: unknown;
  readonly type?: string;
}

/** The values of an element with the keys that lead to them from the resource. */
function placesOf(holder: unknown, node: Node, keys: readonly Key[]): Place[] {
  if (!isHolder(holder)) return [];
  if (node.name.endsWith('[x]'))
    return valuesOf(holder, node.name, node.type).map(({ value, type = '' }) => ({
      keys: [...keys, node.name.replace('[x]', type)],
      value,
      type,
    }));
  const value = holder[node.name];
  if (value === undefined) return [];
  return Array.isArray(value)
    ? value.map((one: unknown, i) => ({ keys: [...keys, node.name, i], value: one }))
    : [{ keys: [...keys, node.name], value }];
}

/** Every single break of a profile's rules that the resource has a place for. */
export function mutants(guide: Guide, { root }: Profile, resource: { resourceType: string }): Mutant[] {
  const made: Mutant[] = [];
  const sorter = { valueSets: guide.valueSets, conforms: () => true };

  const counts = (path: string, node: Node, places: readonly Place[]): void => {
    const [first] = places;
    if (!first) return;
    const { min = 0, max } = node;
    const name = first.keys.findLast((k) => typeof k === 'string') ?? '';
    const whole = typeof first.keys.at(-1) === 'number' ? first.keys.slice(0, -1) : first.keys;
    const gone = new Set(places.map((p) => p.keys.at(-1)));
    if (min > 0)
      made.push({
        kind: 'min',
        fault: `${path}: 0, at least`,
        broken: () =>
          changedAt(resource, whole, (holder, key) => {
            const list = holder[key];
            const left = Array.isArray(list) ? list.filter((_, i) => !gone.has(i)) : [];
            if (left.length > 0) holder[key] = left;
            else for (const own of [key, `_${key}`]) Reflect.deleteProperty(holder, own);
          }),
      });
    if (max !== undefined && whole !== first.keys)
      made.push({
        kind: 'max',
        fault: `${path}: ${max + 1}, at most`,
        broken: () =>
          changedAt(resource, whole, (holder) => {
            const list = holder[name] as unknown[];
            for (let n = places.length; n <= max; n += 1) list.push(structuredClone(first.value));
          }),
      });
  };

  const one = (path: string, node: Node, place: Place): void => {
    const put = (kind: Mutant['kind'], fault: string, value: unknown): void => {
      made.push({
        kind,
        fault,
        broken: () => changedAt(resource, place.keys, (holder, key) => (holder[key] = value)),
      });
    };
    const primitive = typeof place.value !== 'object';
    if (node.fixed !== undefined || node.pattern !== undefined)
      put('value', `${path}: must be`, primitive ? 'none' : {});
    const codes = guide.valueSets.get(node.binding ?? '');
    if (codes && !(primitive && Object.values(codes).includes(true)))
      put('binding', `${path}: must have a code`, primitive ? 'none' : uncoded);
    const { type } = place;
    if (type !== undefined)
      made.push({
        kind: 'type',
        fault: `${path}: must be`,
        broken: () =>
          changedAt(resource, place.keys, (holder, key) => {
            holder[key.replace(new RegExp(`${type}$`), 'Signature')] = holder[key];
            Reflect.deleteProperty(holder, key);
          }),
      });
    const targets = node.type?.flatMap((t) => t.targetProfile ?? []) ?? [];
    if (
      targets.length > 0 &&
      targetOf(place.value) !== undefined &&
      !targets.some((t) => t.endsWith('/Resource'))
    )
      put('target', `${path}: must point to`, { reference: 'Bundle/none' });
    inside(path, node, place.value, place.keys);
  };

  const inside = (
    path: string,
    node: Node,
    holder: unknown,
    keys: readonly Key[],
    skip: readonly string[] = [],
  ): void => {
    for (const child of node.children.values()) {
      if (skip.includes(child.name)) continue;
      const at = `${path}.${child.name.replace('[x]', '')}`;
      const places = placesOf(holder, child, keys);
      counts(at, child, places);
      for (const place of places) one(at, child, place);
      const { slicing } = child;
      if (!slicing) continue;
      // What tells the slices apart is left as it is: broken, the value belongs to none.
      const telling = slicing.by.map((d) => d.path.split('.')[0] ?? '');
      if (telling.includes('$this')) continue;
      for (const [name, slice] of child.slices) {
        const own = places.filter((found) => belongs(found, slice, slicing, sorter));
        counts(`${at}:${name}`, slice, own);
        for (const place of own) inside(`${at}:${name}`, slice, place.value, place.keys, telling);
      }
    }
  };
  inside(resource.resourceType, root, resource, []);
  return made;
}
