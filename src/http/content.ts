import type { IncomingMessage } from 'node:http';
import { parse as parseContentType } from 'content-type';
import Negotiator from 'negotiator';
import typeIs from 'type-is';
import { readPairs } from '../interaction/rest/strictJson.ts';
import { badRequest, unsupported } from '../outcome/fhirError.ts';

export const fhirJson = 'application/fhir+json';
const formats = new Set(['json', 'application/json', fhirJson, 'text/json']);

/** What Accept may ask for, the most preferred first. */
const served = [fhirJson, 'application/json', 'text/json'];

/** How an answer is written. */
export interface Presentation {
  readonly contentType: string;
  readonly pretty: boolean; // for people, indented
  readonly native?: true; // no FHIR: what a Binary holds
}

export const fhirPresentation: Presentation = { contentType: fhirJson, pretty: false };

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
    const { type, parameters } = parseContentType(format.replace(/^application\/fhir json/i, fhirJson));
    if (formats.has(type.toLowerCase()) && isOurVersion(parameters['fhirversion'])) return fhirJson;
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

/** A client may name the release it speaks. See https://hl7.org/fhir/R4/http.html#version-parameter */
const isOurVersion = (version: string | undefined): boolean =>
  version === undefined || /^4\.0(?:\.1)?$/.test(version);

/**
 * A media range of Accept with nothing but its weight: a type is not told apart by its parameters here. Undefined where
 * it asks for another release of FHIR.
 */
function plainRange(range: string): string | undefined {
  const { type, parameters } = parseContentType(range);
  if (!isOurVersion(parameters['fhirversion'])) return undefined;
  const weight = parameters['q'] ?? '';
  return /^[01](?:\.\d*)?$/.test(weight) ? `${type};q=${weight}` : type;
}

/** The type that Accept prefers. See https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1 */
function negotiated(accept: string): string {
  const ranges = accept.split(',').flatMap((range) => plainRange(range) ?? []);
  // Of several that are named with the same weight the negotiator takes the first: the order says nothing in HTTP.
  ranges.sort((a, b) => Number(b.startsWith(fhirJson)) - Number(a.startsWith(fhirJson)));
  const [best] = new Negotiator({ headers: { accept: ranges.join(',') } }).mediaTypes(served);
  if (ranges.length === 0 || best === undefined) throw notAcceptable('Accept');
  return best === 'application/json' ? best : fhirJson;
}

const notAcceptable = (what: string) =>
  unsupported(
    406,
    'not-acceptable',
    `${what} asks for a format that is not served; there is ${fhirJson} of FHIR 4.0, no XML`,
  );

/** The type of the body, one of those named; else 415. Only UTF-8 is read. */
export function requireType({ headers }: IncomingMessage, allowed: readonly string[]): string {
  const { type, parameters } = parseContentType(headers['content-type'] ?? '');
  const { charset, fhirversion } = parameters;
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw unsupported(415, 'unsupported-charset', 'the body must be in UTF-8');
  }
  if (!isOurVersion(fhirversion)) {
    throw unsupported(415, 'unsupported-version', 'the body must be FHIR 4.0');
  }
  const found = typeIs.is(type, [...allowed]);
  if (found !== false) return found;
  throw unsupported(415, 'unsupported-media-type', `the Content-Type must be ${allowed.join(' or ')}`);
}

export const jsonTypes: readonly string[] = [fhirJson, 'application/json'];
export const formType: readonly string[] = ['application/x-www-form-urlencoded'];
