import type { IncomingMessage } from 'node:http';
import { unsupported } from '../outcome/fhirError.ts';

export const fhirJson = 'application/fhir+json';
const formats = new Set(['json', 'application/json', fhirJson, 'text/json']);
const accepted = /^(?:\*\/\*|application\/\*|application\/(?:fhir\+)?json|text\/json)$/;

/** The content type of the answer, from `_format`, else Accept; 406 when the client takes no JSON. */
export function answerType({ headers }: IncomingMessage, query: string): string {
  const format = query.includes('_format=') ? formatOf(query) : undefined;
  if (format !== undefined) {
    if (formats.has(format.split(';')[0]?.trim() ?? '')) return fhirJson;
    throw notAcceptable('_format');
  }
  const { accept } = headers;
  if (accept === undefined || accept === '*/*' || accept === fhirJson) return fhirJson;
  return negotiated(accept);
}

function formatOf(query: string): string | undefined {
  const value = /(?:^|&)_format=([^&]*)/.exec(query)?.[1];
  return value
    ?.replace(/%2f/gi, '/')
    .replace(/%2b|\+| |%20/gi, '+')
    .toLowerCase();
}

function negotiated(accept: string): string {
  const ranges = accept
    .split(',')
    .map((range) => range.trim().toLowerCase())
    .filter((range) => !/;\s*q=0(?:\.0*)?\s*$/.test(range))
    .map((range) => range.split(';')[0]?.trim() ?? '');
  if (!ranges.some((range) => accepted.test(range))) throw notAcceptable('Accept');
  return ranges.includes('application/json') && !ranges.includes(fhirJson) ? 'application/json' : fhirJson;
}

const notAcceptable = (what: string) =>
  unsupported(
    406,
    'not-acceptable',
    `${what} asks for a format that is not served; there is ${fhirJson}, no XML`,
  );

/** Refuses a body of another type than those named: 415. Only UTF-8 is read. */
export function requireType({ headers }: IncomingMessage, allowed: readonly string[]): void {
  const { 'content-type': given = '', 'content-encoding': encoding = 'identity' } = headers;
  const [type = '', ...parameters] = given.split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((p) => p.startsWith('charset='))?.slice('charset='.length);
  if (charset !== undefined && !/^"?utf-?8"?$/.test(charset)) {
    throw unsupported(415, 'unsupported-charset', 'the body must be in UTF-8');
  }
  if (encoding !== 'identity')
    throw unsupported(415, 'unsupported-encoding', 'the body must not be compressed');
  if (allowed.includes(type)) return;
  throw unsupported(415, 'unsupported-media-type', `the Content-Type must be ${allowed.join(' or ')}`);
}

export const jsonTypes: readonly string[] = [fhirJson, 'application/json'];
export const formType: readonly string[] = ['application/x-www-form-urlencoded'];
