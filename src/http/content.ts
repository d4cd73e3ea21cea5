import type { IncomingMessage } from 'node:http';
import { readPairs } from '../interaction/rest/strictJson.ts';
import { badRequest, unsupported } from '../outcome/fhirError.ts';

export const fhirJson = 'application/fhir+json';
const formats = new Set(['json', 'application/json', fhirJson, 'text/json']);

/** How an answer is written. */
export interface Presentation {
  readonly contentType: string;
  readonly pretty: boolean; // for people, indented
  readonly native?: true; // no FHIR: what a Binary holds
}

/** How the client wants the answer: by `_format`, else Accept, and `_pretty`. 406 when it takes no JSON. */
export function presentationOf(request: IncomingMessage, query: string): Presentation {
  const contentType = answerType(request, query);
  if (!query.includes('_pretty')) return { contentType, pretty: false };
  const pretty = parameter(query, '_pretty') ?? 'false';
  if (pretty !== 'true' && pretty !== 'false') {
    throw badRequest('malformed-value', '_pretty is either true or false');
  }
  return { contentType, pretty: pretty === 'true' };
}

function answerType({ headers }: IncomingMessage, query: string): string {
  const format = query.includes('_format') ? parameter(query, '_format') : undefined;
  if (format !== undefined) {
    const [type = '', ...rest] = parts(format.replace(/^application\/fhir json/i, fhirJson));
    if (formats.has(type) && rest.every(isOurVersion)) return fhirJson;
    throw notAcceptable('_format');
  }
  const { accept } = headers;
  if (accept === undefined || accept === '*/*' || accept === fhirJson) return fhirJson;
  return accept.trim() === '' ? fhirJson : negotiated(accept); // an empty list asks for nothing in particular
}

/** The value of a parameter; 400 when it is given twice with different ones. */
function parameter(query: string, name: string): string | undefined {
  const values = new Set(readPairs(query).flatMap(([key, value]) => (key === name ? value : [])));
  if (values.size > 1) throw badRequest('repeated-parameter', `${name} is given with different values`);
  return [...values][0];
}

const parts = (header: string): string[] => header.split(';').map((part) => part.trim().toLowerCase());

/** A client may name the release it speaks. See https://hl7.org/fhir/R4/http.html#version-parameter */
const isOurVersion = (parameterText: string): boolean =>
  !parameterText.startsWith('fhirversion=') || /^fhirversion="?4\.0(?:\.1)?"?$/.test(parameterText);

/** The type that Accept weighs most; of equals the one it names. See https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1 */
function negotiated(accept: string): string {
  const weights = new Map<string, number>();
  for (const range of accept.split(',').map(parts)) {
    const [type = '', ...parameters] = range;
    if (!parameters.every(isOurVersion)) continue;
    const weight = /^q=([01](?:\.\d*)?)$/.exec(parameters.find((p) => p.startsWith('q=')) ?? '')?.[1] ?? '1';
    weights.set(type, Math.max(weights.get(type) ?? 0, Number(weight)));
  }
  const any = weights.get('application/*') ?? weights.get('*/*') ?? 0;
  const fhir = weights.get(fhirJson) ?? any;
  const json = weights.get('application/json') ?? any;
  if (Math.max(fhir, json, weights.get('text/json') ?? 0) === 0) throw notAcceptable('Accept');
  const isNamed = weights.has('application/json') && !weights.has(fhirJson);
  return json > fhir || (json === fhir && isNamed) ? 'application/json' : fhirJson;
}

const notAcceptable = (what: string) =>
  unsupported(
    406,
    'not-acceptable',
    `${what} asks for a format that is not served; there is ${fhirJson} of FHIR 4.0, no XML`,
  );

/** The type of the body, one of those named; else 415. Only UTF-8 is read. */
export function requireType({ headers }: IncomingMessage, allowed: readonly string[]): string {
  const [type = '', ...parameters] = parts(headers['content-type'] ?? '');
  const charset = parameters.find((p) => p.startsWith('charset='))?.slice('charset='.length);
  if (charset !== undefined && !/^"?utf-?8"?$/.test(charset)) {
    throw unsupported(415, 'unsupported-charset', 'the body must be in UTF-8');
  }
  if (!parameters.every(isOurVersion)) {
    throw unsupported(415, 'unsupported-version', 'the body must be FHIR 4.0');
  }
  if (allowed.includes(type)) return type;
  throw unsupported(415, 'unsupported-media-type', `the Content-Type must be ${allowed.join(' or ')}`);
}

export const jsonTypes: readonly string[] = [fhirJson, 'application/json'];
export const formType: readonly string[] = ['application/x-www-form-urlencoded'];
