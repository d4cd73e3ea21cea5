import { readFileSync } from 'node:fs';
import type { ResourceType } from '@medplum/fhirtypes';
import { keepPrecision, parseJson, toJson } from '../../datatypes/json.ts';
import { badRequest } from '../../outcome/fhirError.ts';
import { definitionOf } from '../../validation/definition.ts';

/** How much of each resource is wanted. See https://hl7.org/fhir/R4/search.html#summary */
export type Shape =
  { readonly summary: 'true' | 'text' | 'data' | 'count' } | { readonly elements: readonly string[] };

type Rows = Readonly<Record<string, string>>;
/** Which elements of a type there are, a summary keeps, change the meaning, have to be there: script/makeSummary.ts */
const r4 = JSON.parse(
  readFileSync(new URL('../../../profiles/structure/summary.json', import.meta.url), 'utf8'),
) as Readonly<Record<'elements' | 'summary' | 'modifier' | 'mandatory', Rows>>;

const words = (rows: Rows, type: string): string[] => (rows[type] ?? '').split(' ').filter(Boolean);
const subsetted = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
  display: 'subsetted',
};
const allElements = new Set(Object.keys(r4.elements).flatMap((type) => words(r4.elements, type)));
const utf8 = new TextDecoder();

type Pair = readonly [name: string, value: string];

/** Takes `_summary` and `_elements` out of a query; 400 for what they cannot say. */
export function takeShape(pairs: readonly Pair[]): { shape: Shape | undefined; rest: Pair[] } {
  const asked = pairs.filter(([name]) => name === '_summary' || name === '_elements');
  if (asked.length === 0) return { shape: undefined, rest: [...pairs] };
  const rest = pairs.filter(([name]) => name !== '_summary' && name !== '_elements');
  const [first, second] = asked;
  if (second) throw badRequest('repeated-parameter', 'There is one of _summary and _elements, and only once');
  return { shape: first && shapeOf(first), rest };
}

function shapeOf([name, value]: Pair): Shape | undefined {
  if (name === '_elements') {
    const elements = value.split(',').map((element) => element.trim());
    const unknown = elements.find((element) => !allElements.has(element) && !isChoice(element));
    if (unknown === undefined) return { elements };
    throw badRequest(
      'malformed-value',
      `_elements names ${unknown.slice(0, 64)}, which is no element of a resource; name those of its first level`,
    );
  }
  if (value === 'false') return undefined;
  if (value === 'true' || value === 'text' || value === 'data' || value === 'count')
    return { summary: value };
  throw badRequest('malformed-value', '_summary is one of true, text, data, count, false');
}

/** The part of a resource that is wanted, tagged as such. See https://hl7.org/fhir/R4/search.html#elements */
export function shaped(type: ResourceType, json: Uint8Array | string, shape: Shape): string {
  const resource = parseJson(typeof json === 'string' ? json : utf8.decode(json)) as Element;
  const part =
    'elements' in shape
      ? chosen(resource, elementsOf(type, shape.elements))
      : summaryOf(type, resource, shape.summary);
  const meta = (resource['meta'] ?? {}) as { readonly tag?: readonly object[] };
  const tagged = keepPrecision(meta, { ...meta, tag: [...(meta.tag ?? []), subsetted] });
  const { resourceType, id, meta: _, ...rest } = part;
  return toJson(
    keepPrecision(resource, { resourceType, ...(id === undefined ? {} : { id }), meta: tagged, ...rest }),
  );
}

type Element = Record<string, unknown>;
const always = ['resourceType', 'id', 'meta'];

function summaryOf(
  type: ResourceType,
  resource: Element,
  summary: 'true' | 'text' | 'data' | 'count',
): Element {
  switch (summary) {
    case 'true':
      return summarised(type, resource);
    case 'text':
      return chosen(resource, [...always, 'text', ...words(r4.mandatory, type)]);
    default: {
      const { text: _, ...data } = resource;
      return keepPrecision(resource, data);
    }
  }
}

const elementsOf = (type: ResourceType, wanted: readonly string[]): string[] => [
  ...always,
  ...words(r4.elements, type).filter((name) => wanted.some((w) => name === w || isChoiceOf(type, name, w))),
  ...words(r4.modifier, type),
  ...words(r4.mandatory, type),
];

/** Whether `value` is what R4 calls valueQuantity of a type, value[x]. */
const isChoiceOf = (type: string, name: string, wanted: string): boolean =>
  definitionOf(type)?.choices.get(name) === wanted;

/** Whether any type has the element as a choice of types. */
const isChoice = (wanted: string): boolean =>
  Object.keys(r4.elements).some((type) =>
    words(r4.elements, type).some((name) => isChoiceOf(type, name, wanted)),
  );

/** The elements of these names, with what their primitives carry beside them. */
function chosen(element: Element, names: Iterable<string>): Element {
  const wanted = new Set(names);
  return keepPrecision(
    element,
    Object.fromEntries(Object.entries(element).filter(([key]) => wanted.has(key.replace(/^_/, '')))),
  );
}

/** The elements that a summary keeps, at every level. */
function summarised(type: string, element: Element): Element {
  const kept = words(r4.summary, type).map((word) => word.split(':') as [string, string?]);
  const part = chosen(element, ['resourceType', 'modifierExtension', ...kept.map(([name]) => name)]);
  for (const [name, below] of kept) {
    const value = part[name];
    if (below === undefined || value === undefined) continue;
    part[name] = Array.isArray(value)
      ? keepPrecision(
          value,
          value.map((item) => summarised(below, item as Element)),
        )
      : summarised(below, value as Element);
  }
  return part;
}
