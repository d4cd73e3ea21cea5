import { randomUUID } from 'node:crypto';
import type { Bundle, BundleEntry } from '@medplum/fhirtypes';
import { changed } from '../../datatypes/json.ts';
import { badRequest, fhirError, FhirError, unprocessable } from '../../outcome/fhirError.ts';
import { details, isFault, missing, type Issue } from '../../outcome/issue.ts';
import { etag, refusal, type Answer } from '../rest/answer.ts';
import type { Context } from '../context.ts';
import { requireMay } from '../permits.ts';
import { patchIn } from '../patch/patchIn.ts';
import { requestTargetOf } from '../rest/requestTarget.ts';
import { interactionOf, type FhirRequest, type Interaction } from '../rest/request.ts';
import type { Stored } from '../../store/store.ts';

// An import of http would load all that it exports, fetch and WebSocket too.
const { STATUS_CODES } = process.getBuiltinModule('node:http');

/** One entry of a batch or transaction that has been read and not executed yet. */
export interface Step {
  readonly index: number;
  readonly fullUrl: string | undefined;
  readonly interaction: Interaction;
  readonly request: FhirRequest;
}

/** The body as a Bundle to act on; 400 for another type, 422 for a shell that is unsound. Resources are not judged. */
export function actionBundle(context: Context, body: unknown): Bundle {
  if (
    typeof body !== 'object' ||
    body === null ||
    !('resourceType' in body) ||
    body.resourceType !== 'Bundle'
  ) {
    throw badRequest('not-a-bundle', 'the body must be a Bundle of type batch or transaction');
  }
  const bundle = body as Bundle;
  const { entry } = bundle;
  if (entry !== undefined && !(Array.isArray(entry) && entry.every(isObject))) {
    throw badRequest('malformed-bundle', 'Bundle.entry must be a list of objects', 'Bundle.entry');
  }
  if (bundle.type !== 'batch' && bundle.type !== 'transaction') {
    throw badRequest('wrong-bundle-type', 'the Bundle must be of type batch or transaction', 'Bundle.type');
  }
  const shell = entry && { entry: entry.map(withoutResource) };
  const faults = [
    ...context.validate(changed(bundle, { ...shell })).filter(isFault),
    ...(entry ?? []).flatMap(({ request }, i) =>
      request ? [] : [missing('missing-element', `Bundle.entry[${i}].request`, 'an entry needs its request')],
    ),
  ];
  if (faults.length > 0) throw unprocessable(faults);
  return bundle;
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const withoutResource = (entry: BundleEntry) =>
  Object.fromEntries(Object.entries(entry).filter(([name]) => name !== 'resource'));

/** What the client prefers for all entries of a Bundle. */
export type BundlePreference = Pick<FhirRequest, 'prefer' | 'lenient'>;

/** Reads what an entry asks for; throws FhirError, not yet saying which entry. */
export function stepOf(
  context: Context,
  entry: BundleEntry,
  index: number,
  { prefer, lenient }: BundlePreference,
): Step {
  const { fullUrl, resource, request } = entry;
  const { method = 'GET', url = '' } = request ?? {};
  const base = `${context.publicUrl}/`;
  const relative = url.startsWith(base) ? url.slice(base.length) : url.replace(/^\//, '');
  if (/^[a-z][a-z0-9+.-]*:/i.test(relative))
    throw badRequest(
      'foreign-url',
      'the entry asks elsewhere: its request.url is relative to the base of this server',
    );
  const mark = relative.indexOf('?');
  const target = requestTargetOf(mark < 0 ? relative : relative.slice(0, mark));
  const interaction = interactionOf(method, target);
  if (interaction !== 'operation') requireMay(context, target.type, interaction); // an operation asks by itself
  return {
    index,
    fullUrl,
    interaction,
    request: {
      method,
      target,
      query: mark < 0 ? '' : relative.slice(mark + 1),
      ...(method === 'PATCH' ? patchIn(resource) : { resource }),
      ifMatch: request?.ifMatch,
      ifNoneMatch: request?.ifNoneMatch,
      ifModifiedSince: request?.ifModifiedSince,
      ifNoneExist: request?.ifNoneExist,
      prefer,
      lenient,
    },
  };
}

/** Runs the part of one entry; its errors name that entry. */
export const within = async <T>(index: number, work: () => Promise<T>): Promise<T> =>
  Promise.resolve()
    .then(work)
    .catch((error: unknown) => {
      throw error instanceof FhirError ? errorInEntry(error, index) : error;
    });

/** Says of every issue in which entry it is: Patient.birthDate → Bundle.entry[3].resource.birthDate. */
export function inEntry(issue: Issue, index: number): Issue {
  const entry = `Bundle.entry[${index}]`;
  const within = (place: string): string => {
    const match = /^[A-Z][A-Za-z]*(?=[.[]|$)/.exec(place);
    return match ? `${entry}.resource${place.slice(match[0].length)}` : entry;
  };
  return { ...issue, expression: (issue.expression ?? ['']).map(within) };
}

/** The same error, said of an entry. */
export const errorInEntry = (error: FhirError, index: number): FhirError =>
  new FhirError(
    error.status,
    error.issue.map((issue) => inEntry(issue, index)),
    error.headers,
  );

/** What is not done inside a Bundle. */
export const notInBundles = (what: string): FhirError =>
  new FhirError(422, [
    {
      severity: 'error',
      code: 'not-supported',
      details: details('not-in-bundle', `${what} cannot stand in a Bundle`),
    },
  ]);

/** The refusal of an entry whose answer does not fit into the bytes allowed for a Bundle. */
export function tooLargeAnswer(bytesMax: number): FhirError {
  const text = `the answer of a Bundle has at most ${bytesMax} bytes: ask for this by itself`;
  return fhirError(413, 'too-costly', 'answer-too-large', text);
}

/** What a response Bundle says of one entry. See https://hl7.org/fhir/R4/http.html#transaction-response */
export function responseEntry(
  base: string,
  request: FhirRequest | undefined,
  answer: Answer,
): (string | Uint8Array)[] {
  const { status, version, isOutcome } = answer;
  const body = request?.method === 'HEAD' ? undefined : answer.body;
  const location = version && { location: `${version.type}/${version.id}/_history/${version.version}` };
  const response = JSON.stringify({
    status: `${status} ${STATUS_CODES[status] ?? ''}`.trim(),
    ...(version ? { ...location, ...stamp(version) } : {}),
  });
  const named = version ? `${base}/${version.type}/${version.id}` : `urn:uuid:${randomUUID()}`;
  const start = `{"fullUrl":"${named}",`;
  if (body === undefined) return [`${start}"response":${response}}`];
  if (status >= 400 || isOutcome)
    return [`${start}"response":${response.slice(0, -1)},"outcome":`, body, '}}'];
  return [`${start}"resource":`, body, `,"response":${response}}`];
}

const stamp = (version: Stored) => ({ etag: etag(version), lastModified: version.lastUpdated });

/** A refusal as the answer of its entry. */
export const refusedEntry = (error: FhirError, index: number): Answer => refusal(errorInEntry(error, index));
