import { parseJson } from '../datatypes/json.ts';
import { badRequest } from '../outcome/fhirError.ts';

const depthMax = 200;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads the JSON of a request; 400 when it is not UTF-8, not JSON, or nested deeper than any resource is. */
export function readJson(bytes: Uint8Array): unknown {
  if (tooDeep(bytes)) throw badRequest('too-deep', `the JSON is nested deeper than ${depthMax} levels`);
  try {
    return parseJson(utf8.decode(bytes));
  } catch {
    throw badRequest('invalid-json', 'the body is not well-formed JSON in UTF-8');
  }
}

/** Whether brackets nest deeper than allowed; looks at bytes only, so that nothing deep is ever built. */
function tooDeep(bytes: Uint8Array): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i];
    if (byte === 0x22) quoted = !quoted;
    else if (quoted) i += byte === 0x5c ? 1 : 0;
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > depthMax) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return false;
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
