import { parseJson } from '../../datatypes/json.ts';
import { badRequest } from '../../outcome/fhirError.ts';

const depthMax = 200;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the JSON of a request; 400 when it is not UTF-8, not JSON, nested deeper than any resource is, or has a property
 * twice in one object, of which JSON.parse would keep only the last. See https://hl7.org/fhir/R4/json.html
 */
export function readJson(bytes: Uint8Array): unknown {
  const written = membersIn(bytes);
  if (written === undefined)
    throw badRequest('too-deep', `the JSON is nested deeper than ${depthMax} levels`);
  const [value, text] = parsed(bytes);
  if (membersOf(value) < written)
    throw badRequest('repeated-property', `the JSON has ${repeated(text)} twice in one object`);
  return value;
}

function parsed(bytes: Uint8Array): [value: unknown, text: string] {
  try {
    const text = utf8.decode(bytes);
    return [parseJson(text), text];
  } catch {
    throw badRequest('invalid-json', 'the body is not well-formed JSON in UTF-8');
  }
}

/**
 * How many properties the objects of a JSON text have, counted by their colons; undefined when brackets nest deeper
 * than allowed. It looks at bytes only, so that nothing deep is ever built.
 */
function membersIn(bytes: Uint8Array): number | undefined {
  let depth = 0;
  let members = 0;
  let quoted = false;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i];
    if (byte === 0x22) quoted = !quoted;
    else if (quoted) i += byte === 0x5c ? 1 : 0;
    else if (byte === 0x3a) members += 1;
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > depthMax) return undefined;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return members;
}

/** How many properties the objects of a value have. */
function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) members += membersOf(item);
    return members;
  }
  const items = value as Record<string, unknown>;
  for (const key in items) members += 1 + membersOf(items[key]);
  return members;
}

/** The first property that an object has twice, as it is written. */
function repeated(text: string): string {
  const open: Set<unknown>[] = [];
  for (const [token, name] of text.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (name !== undefined) {
      const names = open.at(-1);
      const plain: unknown = JSON.parse(name);
      if (names?.has(plain)) return name.slice(0, 66);
      names?.add(plain);
    }
  }
  return 'a property';
}

/** Query or form text as name and value pairs; 400 for an escape that is none. */
export function readPairs(text: string): [string, string][] {
  if (text === '') return [];
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) throw badRequest('malformed-url', 'the query has a malformed escape');
  const pairs = [...new URLSearchParams(text)];
  if (pairs.some(([name, value]) => `${name}${value}`.includes('\uFFFD'))) {
    throw badRequest('malformed-url', 'the query has an escape that is not UTF-8');
  }
  return pairs;
}
