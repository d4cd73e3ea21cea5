import { exactNumber } from '../../datatypes/json.ts';
import type { Element } from '../../validation/definition.ts';
import { badRequest, fhirError, type FhirError } from '../../outcome/fhirError.ts';
import { insertAt, lengthOf, moveWithin, removeAt, setOne, type Content } from './editElement.ts';
import {
  elementsNamed,
  holderOf,
  isHolder,
  shadowKey,
  type ElementNode,
  type Holder,
  type Spot,
} from './elementNode.ts';
import { findNodes } from './findNodes.ts';
import { patchPath, type PathStep } from './patchPath.ts';
import { contentOf, elementFor, patchValue, type PatchValue } from './patchValue.ts';

const operationsMax = 1000;
const types = ['add', 'insert', 'delete', 'replace', 'move'] as const;

interface Operation {
  readonly type: (typeof types)[number];
  readonly path: readonly PathStep[];
  readonly name: string | undefined;
  readonly value: PatchValue | undefined;
  readonly index: number | undefined;
  readonly source: number | undefined;
  readonly destination: number | undefined;
  readonly place: string; // Parameters.parameter[2]
}

/**
 * Applies a FHIRPath Patch to a resource; both are exact values, and the resource is changed. 400 for Parameters that
 * are no patch, 422 for a patch that does not fit the resource, each naming the operation.
 * See https://hl7.org/fhir/R4/fhirpatch.html
 */
export function fhirpathPatch(resource: Holder, parameters: unknown): void {
  const type = String(resource['resourceType']);
  for (const operation of operationsOf(parameters, type)) apply({ type, value: resource }, operation);
}

function operationsOf(body: unknown, resourceType: string): Operation[] {
  if (!isHolder(body) || body['resourceType'] !== 'Parameters') {
    throw badRequest('malformed-patch', 'a FHIRPath Patch is a Parameters resource', 'Parameters');
  }
  const { parameter = [] } = body;
  if (!Array.isArray(parameter)) throw malformed('the parameters are no list', 'Parameters.parameter');
  if (parameter.length > operationsMax) {
    throw malformed(`a patch has at most ${operationsMax} operations`, 'Parameters.parameter');
  }
  return parameter.map((item: unknown, i) => operationOf(item, resourceType, `Parameters.parameter[${i}]`));
}

function operationOf(item: unknown, resourceType: string, place: string): Operation {
  const parts = isHolder(item) && item['name'] === 'operation' ? item['part'] : undefined;
  if (!Array.isArray(parts) || !parts.every(isHolder)) {
    throw malformed('each parameter must be an operation with its parts', place);
  }
  const known = /^(?:type|path|name|value|index|source|destination)$/;
  const named = new Map<string, Holder>();
  for (const part of parts) {
    const name = String(part['name']);
    if (!known.test(name)) throw malformed(`an operation has no part ${name.slice(0, 64)}`, place);
    if (named.has(name)) throw malformed(`the part ${name} is given twice`, place);
    named.set(name, part);
  }
  const type = types.find((t) => t === textOf(named.get('type')));
  const path = textOf(named.get('path'));
  if (!type) throw malformed(`type must be a valueCode of ${types.join(', ')}`, place);
  if (path === undefined || path.trim() === '') throw malformed('path must be a valueString', place);
  const value = named.get('value');
  return checked({
    type,
    path: patchPath(path, resourceType, place),
    name: textOf(named.get('name')),
    value: value && patchValue(value, place),
    index: wholeOf(named.get('index'), place),
    source: wholeOf(named.get('source'), place),
    destination: wholeOf(named.get('destination'), place),
    place,
  });
}

const needs: Readonly<
  Record<Operation['type'], readonly ('name' | 'value' | 'index' | 'source' | 'destination')[]>
> = {
  add: ['name', 'value'],
  insert: ['value', 'index'],
  delete: [],
  replace: ['value'],
  move: ['source', 'destination'],
};

function checked(operation: Operation): Operation {
  for (const part of needs[operation.type]) {
    if (operation[part] === undefined)
      throw malformed(`${operation.type} needs the part ${part}`, operation.place);
  }
  return operation;
}

function textOf(part: Holder | undefined): string | undefined {
  const text = part?.['valueCode'] ?? part?.['valueString'];
  return typeof text === 'string' ? text : undefined;
}

function wholeOf(part: Holder | undefined, place: string): number | undefined {
  if (!part) return undefined;
  const text = exactNumber(part['valueInteger'] ?? part['valueUnsignedInt'] ?? part['valuePositiveInt']);
  if (text !== undefined && /^\d{1,6}$/.test(text)) return Number(text);
  throw malformed(`${String(part['name'])} must be a valueInteger of 0 or more`, place);
}

function apply(root: ElementNode, operation: Operation): void {
  switch (operation.type) {
    case 'add':
      add(root, operation);
      return;
    case 'insert':
      insert(root, operation);
      return;
    case 'move':
      move(root, operation);
      return;
    default:
      change(root, operation);
  }
}

function add(root: ElementNode, operation: Operation): void {
  const { name = '', value, place } = operation;
  const node = theNode(root, operation);
  const of = holderOf(node) ?? besidePrimitive(node);
  const element = of && value && elementFor(of.type, name, value);
  if (!element) throw failed(`there is no element ${name.slice(0, 64)} of that type here`, place);
  const { holder } = of;
  const content = contentFor(element, value, place);
  if (element.list) {
    insertAt(holder, element.key, lengthOf(holder, element.key), content);
    return;
  }
  const taken = elementsNamed(of.type, element.name).some(
    ({ key }) => holder[key] !== undefined || holder[shadowKey(key)] !== undefined,
  );
  if (taken) throw failed(`${element.name} is there already: replace it`, place);
  setOne(holder, element.key, content);
}

/** The place for extensions of a primitive that has none yet. */
function besidePrimitive({ at }: ElementNode): { holder: Holder; type: string } | undefined {
  if (!at?.element.primitive) return undefined;
  const holder: Holder = {};
  const shadow = shadowKey(at.element.key);
  if (at.index === undefined) at.holder[shadow] = holder;
  else {
    const list = Array.isArray(at.holder[shadow]) ? (at.holder[shadow] as unknown[]) : [];
    const length = lengthOf(at.holder, at.element.key);
    at.holder[shadow] = Array.from({ length }, (_, i) => (i === at.index ? holder : (list[i] ?? null)));
  }
  return { holder, type: 'Element' };
}

function insert(root: ElementNode, operation: Operation): void {
  const { value, index = 0, place } = operation;
  const { holder, element } = theList(root, operation);
  const { key } = element;
  if (!value) throw malformed('insert needs the part value', place);
  if (index > lengthOf(holder, key)) throw failed(`the list has ${lengthOf(holder, key)} elements`, place);
  insertAt(holder, key, index, contentFor(element, value, place));
}

function move(root: ElementNode, operation: Operation): void {
  const { source = 0, destination = 0, place } = operation;
  const { holder, element } = theList(root, operation);
  const length = lengthOf(holder, element.key);
  if (source >= length || destination >= length) throw failed(`the list has ${length} elements`, place);
  moveWithin(holder, element.key, source, destination);
}

/** The one list that the last name of a path names; it may be empty. */
function theList(root: ElementNode, { path, place }: Operation): Spot {
  const last = path.at(-1);
  if (last?.kind !== 'child') throw failed('the path must end in the name of a list', place);
  const parents = findNodes(root, path.slice(0, -1), place);
  const [parent] = parents;
  if (!parent || parents.length > 1)
    throw failed(`the path matches ${parents.length} places, not one`, place);
  const of = holderOf(parent);
  const element = of && elementsNamed(of.type, last.name).find(({ list }) => list);
  if (!element) throw failed(`${last.name.slice(0, 64)} is no list here`, place);
  return { holder: of.holder, of: of.type, element };
}

/** delete and replace: what is found goes, the other takes its place. */
function change(root: ElementNode, operation: Operation): void {
  const { type, path, value, place } = operation;
  if (type === 'delete' && findNodes(root, path, place).length === 0) return;
  const { at } = theNode(root, operation);
  if (!at) throw failed('the resource as a whole cannot be changed by a patch', place);
  const { holder, element, index } = at;
  if (type === 'delete') {
    removeAt(holder, element.key, index);
    return;
  }
  const by = element.choice && value ? elementFor(at.of, element.name, value) : element;
  if (!value || !by) throw failed('the element cannot be of that type', place);
  const content = contentFor(by, value, place);
  removeAt(holder, element.key, index);
  if (index === undefined) setOne(holder, by.key, content);
  else insertAt(holder, by.key, index, content);
}

/** The one element that a path names; 422 when there is none, or more. */
function theNode(root: ElementNode, { path, place }: Operation): ElementNode {
  const nodes = findNodes(root, path, place);
  const [node] = nodes;
  if (node && nodes.length === 1) return node;
  throw failed(`the path matches ${nodes.length} elements, not one`, place);
}

function contentFor(element: Element, value: PatchValue, place: string): Content {
  const content = contentOf(element, value, place);
  return { value: content, beside: value.beside };
}

const malformed = (text: string, place: string): FhirError => badRequest('malformed-patch', text, place);

const failed = (text: string, place: string): FhirError =>
  fhirError(422, 'processing', 'patch-failed', `the operation cannot be done: ${text}`, place);
