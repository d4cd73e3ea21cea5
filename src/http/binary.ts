import type { IncomingMessage } from 'node:http';
import type { Binary, Resource } from '@medplum/fhirtypes';
import type { Answer } from '../interaction/rest/answer.ts';
import type { FhirRequest } from '../interaction/rest/request.ts';
import { badRequest, unsupported } from '../outcome/fhirError.ts';

/**
 * Binary in its native form: read as what it holds unless FHIR is asked for, written as what it is unless it comes as
 * FHIR. See https://hl7.org/fhir/R4/binary.html#rest
 */
const instance = /^Binary\/[^/]+(?:\/_history\/[^/]+)?\/?$/;
/** What answers with a Binary: its parameters are in the query. */
const printed = /^Claim\/[^/]+\/\$form\/?$/;
const ofFhir = /application\/(?:fhir\+)?json|text\/json|fhir\+(?:xml|turtle)/i;
/** A media type that can stand in a header. */
const mediaType = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s?;\s?[\w-]+=(?:"[^"\\\p{C}]*"|[^\s;"\p{C}]+))*$/u;

/** Whether a request is answered with a Binary and does not ask for FHIR. */
export const wantsNative = ({ method, headers }: IncomingMessage, below: string, query: string): boolean =>
  (method === 'GET' || method === 'HEAD') &&
  ((below.startsWith('Binary/') && query === '' && instance.test(below)) ||
    (below.startsWith('Claim/') && printed.test(below) && !/(?:^|&)_(?:format|pretty)=/.test(query))) &&
  !ofFhir.test(headers.accept ?? '');

/**
 * The content of a Binary, with its media type; undefined where the answer is none. 406 when the client accepts others
 * only.
 */
export function nativeAnswer(
  answer: Answer,
  { headers }: IncomingMessage,
): { readonly answer: Answer; readonly contentType: string } | undefined {
  const { body } = answer;
  if (body === undefined) return undefined;
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  const { resourceType, contentType, data = '', securityContext } = JSON.parse(text) as Binary | NoBinary;
  if (resourceType !== 'Binary') return undefined;
  const type = mediaType.test(contentType) ? contentType : 'application/octet-stream';
  if (!takes(headers.accept ?? '*/*', type))
    throw unsupported(406, 'not-acceptable', `Accept does not name ${type}, what this Binary is, nor FHIR`);
  const context = securityContext?.reference ?? '';
  const said = /^[!-~]+$/.test(context) ? { 'X-Security-Context': context } : {};
  return {
    answer: { ...answer, body: Buffer.from(data, 'base64'), headers: { ...answer.headers, ...said } },
    contentType: type,
  };
}

/** Another answer of what can answer with a Binary. */
type NoBinary = { readonly [name in Exclude<keyof Binary, 'resourceType'>]?: undefined } & {
  readonly resourceType: 'OperationOutcome';
};

/** Whether an Accept header has a range that the type is in. */
function takes(accept: string, type: string): boolean {
  const [full = ''] = type.toLowerCase().split(';');
  const [main = ''] = full.split('/');
  return accept.split(',').some((text) => {
    const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
    const refused = parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
    return !refused && (range === full.trim() || range === `${main}/*` || range === '*/*' || range === '');
  });
}

/** The Binary that a body of any other media type than FHIR's is; undefined when it is none. */
export function binaryFrom(
  { headers }: IncomingMessage,
  bytes: Buffer,
  { target }: Pick<FhirRequest, 'target'>,
): Resource | undefined {
  const contentType = headers['content-type']?.trim() ?? '';
  if (target.type !== 'Binary' || contentType === '' || ofFhir.test(contentType)) return undefined;
  if (!mediaType.test(contentType)) throw badRequest('malformed-header', 'Content-Type is no media type');
  const context = headers['x-security-context'];
  return {
    resourceType: 'Binary',
    ...(target.id === undefined ? {} : { id: target.id }),
    contentType,
    ...(context === undefined ? {} : { securityContext: { reference: String(context) } }),
    ...(bytes.length === 0 ? {} : { data: bytes.toString('base64') }),
  };
}
