import type { Expansion, Node, Slicing } from './guide.ts';
import { equals, fits, inValueSet, isHolder, valuesOf, type Found } from './value.ts';

/** What deciding on a slice needs to know. */
export interface Sorter {
  readonly valueSets: ReadonlyMap<string, Expansion>;
  /** For a discriminator of type profile. */
  readonly conforms: (value: unknown, profile: string) => boolean;
}

type ValueSets = Sorter['valueSets'];

/** True where the node or something in it says which value it has. */
const tells = (node: Node): boolean =>
  node.fixed !== undefined ||
  node.pattern !== undefined ||
  node.binding !== undefined ||
  [...node.children.values()].some(tells);

/** True when the value has what the node says: its own fixed value, pattern or required binding, else its children's. */
function carries(node: Node, { value }: Found, valueSets: ValueSets): boolean {
  if (node.fixed !== undefined) return equals(value, node.fixed);
  if (node.pattern !== undefined) return fits(value, node.pattern);
  const codes = node.binding === undefined ? undefined : valueSets.get(node.binding);
  if (codes) return inValueSet(value, codes);
  const telling = [...node.children.values()].filter(tells);
  return (
    telling.length > 0 &&
    telling.every((child) => valuesOf(value, child.name).some((v) => carries(child, v, valueSets)))
  );
}

/** The url that the profile of an extension's slice says. */
const urlOf = (slice: Node): unknown =>
  slice.type?.[0]?.profile?.[0]?.split('|')[0] ?? slice.children.get('url')?.fixed;

function byValue(slice: Node, found: Found, path: string, valueSets: ValueSets): boolean {
  if (path === 'url' && slice.type?.[0]?.code === 'Extension')
    return isHolder(found.value) && found.value['url'] === urlOf(slice);
  let at: Node | undefined = slice;
  let values = [found];
  for (const step of path === '$this' ? [] : path.split('.')) {
    // A pattern of a whole tells also what is in it.
    if (at?.pattern !== undefined || at?.fixed !== undefined) break;
    values = values.flatMap((v) => valuesOf(v.value, step));
    at = at?.children.get(step);
  }
  const node = at;
  return node !== undefined && values.some((v) => carries(node, v, valueSets));
}

/** True when the value belongs to the slice. */
export function belongs(found: Found, slice: Node, slicing: Slicing, sorter: Sorter): boolean {
  return slicing.by.every(({ type, path }) => {
    const at = path === '$this' ? [found] : valuesOf(found.value, path);
    switch (type) {
      case 'type':
        return (slice.type ?? []).some((t) =>
          at.some((v) => v.type === undefined || v.type.toLowerCase() === t.code.toLowerCase()),
        );
      case 'exists':
        return slice.children.get(path)?.max === 0 ? at.length === 0 : at.length > 0;
      case 'profile':
        return (slice.type ?? []).some((t) =>
          t.profile?.some((p) => at.some((v) => sorter.conforms(v.value, p))),
        );
      default:
        return byValue(slice, found, path, sorter.valueSets);
    }
  });
}
