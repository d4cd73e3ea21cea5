import { exactNumber } from '../../datatypes/json.ts';
import { badRequest, fhirError, type FhirError } from '../../outcome/fhirError.ts';

type Op = 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
interface Operation {
  readonly op: Op;
  readonly path: readonly string[];
  readonly from: readonly string[];
  readonly value: unknown;
  readonly said: string; // how a refusal names it
}
type Container = Record<string, unknown> | unknown[];

const deepest = 200;
const copiedMax = 1_000_000; // characters of JSON
const ops: readonly Op[] = ['add', 'remove', 'replace', 'move', 'copy', 'test'];

/**
 * Applies a JSON Patch to a document; both are exact values, and the document is changed on the way. 400 for what is no
 * patch, 422 for one that does not fit the document. See https://www.rfc-editor.org/rfc/rfc6902
 */
export function jsonPatch(document: unknown, patch: unknown, operationsMax = 1000): unknown {
  const whole: Record<string, unknown> = { root: document };
  let copied = 0;
  for (const operation of operationsOf(patch, operationsMax)) {
    if (operation.op === 'copy') {
      copied += JSON.stringify(find(whole, operation.from, operation)).length;
      if (copied > copiedMax) throw failed(operation, 'the patch copies too much');
    }
    apply(whole, operation);
  }
  return whole['root'];
}

function operationsOf(patch: unknown, operationsMax: number): Operation[] {
  if (!Array.isArray(patch)) throw malformed('a JSON Patch is a list of operations');
  if (patch.length > operationsMax) throw malformed(`a patch has at most ${operationsMax} operations`);
  return patch.map((item: unknown, i) => operationOf(item, `operation ${i}`));
}

function operationOf(item: unknown, said: string): Operation {
  if (!isObject(item)) throw malformed(`${said} is no object`);
  const { op, path, from } = item;
  const known = ops.find((name) => name === op);
  if (!known) throw malformed(`${said}: op is one of ${ops.join(', ')}`);
  const needsFrom = known === 'move' || known === 'copy';
  const [to, source] = [partsOf(path), needsFrom ? partsOf(from) : []];
  if (!to) throw malformed(`${said}: path must be a JSON pointer, as in /name/0/family`);
  if (!source) throw malformed(`${said}: from must be a JSON pointer`);
  if (/^(?:add|replace|test)$/.test(known) && !Object.hasOwn(item, 'value')) {
    throw malformed(`${said}: ${known} needs a value`);
  }
  return { op: known, path: to, from: source, value: item['value'], said: `${said} (${known})` };
}

/** A pointer as it leads from the holder of the whole document. */
function partsOf(text: unknown): string[] | undefined {
  const parts = typeof text === 'string' ? pointerParts(text) : undefined;
  return parts && ['root', ...parts];
}

function apply(whole: Record<string, unknown>, operation: Operation): void {
  const { op, path, from, value } = operation;
  switch (op) {
    case 'add':
      put(whole, operation, copyOf(value));
      return;
    case 'remove':
      if (path.length === 1) throw failed(operation, 'nothing would be left');
      take(whole, path, operation);
      return;
    case 'replace':
      take(whole, path, operation);
      put(whole, operation, copyOf(value));
      return;
    case 'move':
      if (path.length > from.length && from.every((part, i) => part === path[i])) {
        throw failed(operation, 'nothing can be moved into itself');
      }
      put(whole, operation, take(whole, from, operation));
      return;
    case 'copy':
      put(whole, operation, copyOf(find(whole, from, operation)));
      return;
    case 'test':
      if (!isEqual(find(whole, path, operation), value)) throw failed(operation, 'the value is another');
  }
}

/** The operations keep values of their own: what one puts in, a later one may change. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyOf(item)]));
}

function find(whole: Record<string, unknown>, path: readonly string[], operation: Operation): unknown {
  let at: unknown = whole;
  for (const part of path) {
    if (!isContainer(at) || !has(at, part)) throw failed(operation, 'nothing is there');
    at = (at as Record<string, unknown>)[part];
  }
  return at;
}

function holderOf(whole: Record<string, unknown>, path: readonly string[], operation: Operation): Container {
  const holder = find(whole, path.slice(0, -1), operation);
  if (!isContainer(holder)) throw failed(operation, 'a value has no parts');
  return holder;
}

function has(holder: Container, part: string): boolean {
  if (Array.isArray(holder)) return /^(?:0|[1-9]\d{0,8})$/.test(part) && Number(part) < holder.length;
  return Object.hasOwn(holder, part);
}

function take(whole: Record<string, unknown>, path: readonly string[], operation: Operation): unknown {
  const holder = holderOf(whole, path, operation);
  const part = path.at(-1) ?? '';
  if (!has(holder, part)) throw failed(operation, 'nothing is there');
  if (Array.isArray(holder)) return holder.splice(Number(part), 1)[0];
  const value = holder[part];
  Reflect.deleteProperty(holder, part);
  return value;
}

function put(whole: Record<string, unknown>, operation: Operation, value: unknown): void {
  const { path } = operation;
  if (path.length + depthOf(value) > deepest) throw failed(operation, 'the result is nested too deep');
  const holder = holderOf(whole, path, operation);
  const part = path.at(-1) ?? '';
  if (!Array.isArray(holder)) {
    Object.defineProperty(holder, part, { value, enumerable: true, configurable: true, writable: true });
    return;
  }
  if (part !== '-' && part !== String(holder.length) && !has(holder, part)) {
    throw failed(operation, 'the list has no such place');
  }
  holder.splice(part === '-' ? holder.length : Number(part), 0, value);
}

function depthOf(value: unknown): number {
  if (!isContainer(value)) return 0;
  let below = 0;
  for (const item of Object.values(value)) below = Math.max(below, depthOf(item));
  return 1 + below;
}

/** Equal as JSON: numbers by value, objects whatever the order of their members. */
function isEqual(one: unknown, other: unknown): boolean {
  const [a, b] = [exactNumber(one), exactNumber(other)];
  if (a !== undefined || b !== undefined)
    return a !== undefined && b !== undefined && Number(a) === Number(b);
  if (!isContainer(one) || !isContainer(other)) return one === other;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isEqual(valueAt(one, key), valueAt(other, key)))
  );
}

const valueAt = (holder: Container, key: string): unknown => (holder as Record<string, unknown>)[key];

const isContainer = (value: unknown): value is Container =>
  typeof value === 'object' && value !== null && exactNumber(value) === undefined;

const isObject = (value: unknown): value is Record<string, unknown> =>
  isContainer(value) && !Array.isArray(value);

const malformed = (text: string): FhirError => badRequest('malformed-patch', text);

const failed = ({ said }: Operation, text: string): FhirError =>
  fhirError(422, 'processing', 'patch-failed', `${said} cannot be done: ${text}`);

/** A JSON pointer as its parts; undefined when it is none. See https://www.rfc-editor.org/rfc/rfc6901 */
function pointerParts(text: string): string[] | undefined {
  if (text === '') return [];
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return undefined;
  return text
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
