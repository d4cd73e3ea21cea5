import type { IncomingMessage } from 'node:http';
import type { Binary, MeasureReport, Parameters, Resource } from '@medplum/fhirtypes';
import type { Context } from '../interaction/context.ts';
import type { Answer } from '../interaction/rest/answer.ts';
import type { FhirRequest } from '../interaction/rest/request.ts';
import { gapCsv } from '../operation/followUp/gapCsv.ts';
import { csvOf } from '../operation/report/csv.ts';
import { readContent, sizeBeside } from '../operation/x12/content.ts';
import { badRequest, unsupported } from '../outcome/fhirError.ts';
import { asServer } from '../store/access/asServer.ts';

/**
 * Binary in its native form: read as what it holds unless FHIR is asked for, written as what it is unless it comes as
 * FHIR. See https://hl7.org/fhir/R4/binary.html#rest
 */
const instance = /^Binary\/[^/]+(?:\/_history\/[^/]+|\/\$outline)?\/?$/;
const ofFhir = /application\/(?:fhir\+)?json|text\/json|fhir\+(?:xml|turtle)/i;
/** A media type that can stand in a header. */
const mediaType = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s?;\s?[\w-]+=(?:"[^"\\\p{C}]*"|[^\s;"\p{C}]+))*$/u;

/** Operations that answer with a Binary: native where Accept is so; a form where it asks for nothing in particular. */
const operation: readonly (readonly [RegExp, RegExp])[] = [
  [/^Claim\/[^/]+\/(?:\$|%24)form$/, /^$|\*|application\/pdf/i],
  [/^Claim\/[^/]+\/(?:\$|%24)x12$/, /\bapplication\/edi-x12\b/i],
];

const report =
  /^(?:Measure\/(?:[^/]+\/)?(?:\$|%24)evaluate-measure|Organization\/[^/]+\/(?:\$|%24)missing-charges)$/;

/** Whether an operation is asked that runs views: its answer is rows and no FHIR. */
export const answersRows = (below: string): boolean =>
  /^(?:[A-Z][A-Za-z]*\/(?:[^/]+\/)?)?(?:\$|%24)(?:viewdefinition|sql)-run$/.test(below);

/** Whether a report is asked for as comma-separated values, by `_format` or else Accept. */
export function wantsCsv({ headers }: IncomingMessage, below: string, query: string): boolean {
  if (!report.test(below)) return false;
  const format = /(?:^|&)_format=([^&]*)/.exec(query)?.[1];
  if (format !== undefined) return /^(?:text(?:\/|%2f))?csv$/i.test(format);
  return /\btext\/csv\b/i.test(headers.accept ?? '') && !ofFhir.test(headers.accept ?? '');
}

/** A report as comma-separated values; undefined where the answer is none. */
export function csvAnswer(
  answer: Answer,
): { readonly answer: Answer; readonly contentType: string } | undefined {
  if (answer.status !== 200 || answer.body === undefined) return undefined;
  const text = typeof answer.body === 'string' ? answer.body : new TextDecoder().decode(answer.body);
  const found = JSON.parse(text) as MeasureReport | Parameters | NoReport;
  if (found.resourceType === 'OperationOutcome') return undefined;
  const body = found.resourceType === 'Parameters' ? gapCsv(found) : csvOf(found);
  return { answer: { ...answer, body }, contentType: 'text/csv; charset=utf-8' };
}

/** Whether a request reads a Binary and does not ask for FHIR. */
export const wantsNative = (request: IncomingMessage, below: string, query: string): boolean =>
  ofBinary(request, below, query) ||
  (request.method === 'GET' &&
    !/(?:^|&)_(?:format|pretty)=/.test(query) &&
    !ofFhir.test(request.headers.accept ?? '') &&
    operation.some(([path, type]) => path.test(below) && type.test(request.headers.accept ?? '')));

const ofBinary = ({ method, headers }: IncomingMessage, below: string, query: string): boolean =>
  below.startsWith('Binary/') &&
  (query === '' || below.endsWith('/$outline')) &&
  (method === 'GET' || method === 'HEAD') &&
  instance.test(below) &&
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

/** The bytes of a large Binary lie beside it: they are read while they are sent. */
export async function withContent(
  { store }: Pick<Context, 'store'>,
  answer: Answer,
  below: string,
): Promise<Answer> {
  if (answer.status !== 200 || (answer.body?.length ?? 0) > 0) return answer;
  const [type = '', id = ''] = below.split('/');
  const binary = `${type}/${id}`;
  const own = asServer(store); // who asks was shown the Binary
  const length = await sizeBeside(own, binary);
  if (length === undefined) return answer;
  const { body: _, ...rest } = answer;
  return { ...rest, stream: { length, chunks: () => readContent(own, binary) } };
}

/** Another answer of what can answer with a Binary. */
type NoBinary = { readonly [name in Exclude<keyof Binary, 'resourceType'>]?: undefined } & {
  readonly resourceType: 'OperationOutcome';
};

/** Another answer than a report. */
interface NoReport {
  readonly resourceType: 'OperationOutcome';
}

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
