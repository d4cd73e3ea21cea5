import { exactNumber } from '../../datatypes/json.ts';
import { definitionOf, type Element } from '../../validation/definition.ts';

export type Holder = Record<string, unknown>;

/** An element of a resource and where it stands, so that it can be changed; the resource itself stands nowhere. */
export interface ElementNode {
  readonly type: string; // 'Patient', 'HumanName', 'Claim.item', 'code'
  readonly value: unknown; // undefined for a primitive that has extensions only
  readonly at?: Spot;
}

/** A property of a holder; `index` in its list. */
export interface Spot {
  readonly holder: Holder;
  readonly of: string; // the type of the holder
  readonly element: Element;
  readonly index?: number;
}

export const isHolder = (value: unknown): value is Holder =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && exactNumber(value) === undefined;

/** The object that holds the id and the extensions of a primitive. */
export const shadowKey = (key: string): string => `_${key}`;

/** The elements of a type that have a name: of a choice, one for each type. */
export const elementsNamed = (type: string, name: string): Element[] =>
  [...(definitionOf(type)?.elements.values() ?? [])].filter((element) => element.name === name);

/** What can hold elements: an object itself; of a primitive, what stands beside it. */
export function holderOf(node: ElementNode): { holder: Holder; type: string } | undefined {
  if (isHolder(node.value)) {
    const { resourceType } = node.value;
    return { holder: node.value, type: typeof resourceType === 'string' ? resourceType : node.type };
  }
  const shadow = node.at && shadowOf(node.at);
  return shadow && { holder: shadow, type: 'Element' };
}

function shadowOf({ holder, element, index }: Spot): Holder | undefined {
  const beside = holder[shadowKey(element.key)];
  const shadow: unknown = index === undefined ? beside : Array.isArray(beside) ? beside[index] : undefined;
  return isHolder(shadow) ? shadow : undefined;
}

/** The children of a node that have a name. */
export function childrenNamed(node: ElementNode, name: string): ElementNode[] {
  const of = holderOf(node);
  if (!of) return [];
  return elementsNamed(of.type, name).flatMap((element) => nodesOf(of, element));
}

function nodesOf({ holder, type: of }: { holder: Holder; type: string }, element: Element): ElementNode[] {
  const { key, list, type } = element;
  const [value, beside] = [holder[key], holder[shadowKey(key)]];
  if (!list) {
    const isThere = value !== undefined || (element.primitive && beside !== undefined);
    return isThere ? [{ type, value, at: { holder, of, element } }] : [];
  }
  const length = Math.max(...[value, beside].map((items) => (Array.isArray(items) ? items.length : 0)));
  return Array.from({ length }, (_, index) => {
    const item: unknown = Array.isArray(value) ? value[index] : undefined;
    return { type, value: item ?? undefined, at: { holder, of, element, index } };
  });
}
