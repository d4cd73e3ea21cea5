import { badRequest, type FhirError } from '../../outcome/fhirError.ts';
import type { Element } from '../../validation/definition.ts';
import { elementsNamed, isHolder, shadowKey, type Holder } from './elementNode.ts';

/** What an operation puts into the resource: a value, and of a primitive what stands beside it. */
export interface PatchValue {
  readonly suffix: string | undefined; // 'Quantity' of valueQuantity; undefined for an anonymous type or a resource
  readonly value: unknown;
  readonly beside: unknown;
  readonly parts: readonly Holder[] | undefined; // of an anonymous type: its elements by name
}

/** The value of a part: `value[x]`, a resource, or the parts of an anonymous type. 400 when it has none. */
export function patchValue(part: Holder, place: string): PatchValue {
  const keys = Object.keys(part).filter((key) => !/^(?:id|name|extension|modifierExtension)$/.test(key));
  const plain = [...new Set(keys.map((key) => key.replace(/^_(?=value)/, '')))];
  const [key = ''] = plain;
  if (plain.length !== 1) throw malformed('needs exactly one value', place);
  if (key === 'resource') return { suffix: undefined, value: part[key], beside: undefined, parts: undefined };
  if (key === 'part') {
    const list = part[key];
    if (!Array.isArray(list) || list.length === 0 || !list.every(isHolder)) {
      throw malformed('has parts that are no list of parts', place);
    }
    return { suffix: undefined, value: undefined, beside: undefined, parts: list };
  }
  if (!/^value[A-Z]/.test(key)) throw malformed('has a value of no type', place);
  const value = { suffix: key.slice('value'.length), value: part[key], beside: part[shadowKey(key)] };
  return { ...value, parts: undefined };
}

/**
 * The element that a name and a value speak of: `value` with valueQuantity is valueQuantity. Undefined when the type has
 * no such element.
 */
export function elementFor(type: string, name: string, { suffix }: PatchValue): Element | undefined {
  const named = elementsNamed(type, name);
  const [only] = named;
  if (only && !only.choice) return only;
  const ofType = named.find(({ key }) => key === `${name}${suffix ?? ''}`);
  if (ofType) return ofType;
  const choice = name.replace(/[A-Z].*$/, ''); // valueQuantity, written in full
  return elementsNamed(type, choice).find(({ key, choice: isChoice }) => isChoice && key === name);
}

/** A value as it stands in the resource: an anonymous type is put together from its parts. */
export function contentOf(element: Element, given: PatchValue, place: string): unknown {
  const { parts } = given;
  if (!parts) return given.value;
  const made: Holder = {};
  parts.forEach((part, i) => {
    const at = `${place}.part[${i}]`;
    const name = part['name'];
    const value = patchValue(part, at);
    const child = typeof name === 'string' ? elementFor(element.type, name, value) : undefined;
    if (!child) throw malformed(`has an element that ${element.type} does not have`, at);
    putPart(made, child, { content: contentOf(child, value, at), beside: value.beside }, at);
  });
  return made;
}

function putPart(
  made: Holder,
  { key, list }: Element,
  { content, beside }: { readonly content: unknown; readonly beside: unknown },
  place: string,
): void {
  if (!list) {
    if (made[key] !== undefined) throw malformed('is given twice', place);
    if (content !== undefined) made[key] = content;
    if (beside !== undefined) made[shadowKey(key)] = beside;
    return;
  }
  const items = (made[key] ?? []) as unknown[];
  made[key] = [...items, content ?? null];
  const shadows = (made[shadowKey(key)] ?? []) as unknown[];
  if (beside === undefined && shadows.length === 0) return;
  made[shadowKey(key)] = Array.from({ length: items.length + 1 }, (_, i) =>
    i === items.length ? (beside ?? null) : (shadows[i] ?? null),
  );
}

const malformed = (text: string, place: string): FhirError =>
  badRequest('malformed-patch', `the value ${text}`, place);
