import { createHash, type Hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Resource } from '@medplum/fhirtypes';
import { toJson } from '../datatypes/json.ts';
import type { Answer } from '../interaction/rest/answer.ts';
import type { Context } from '../interaction/context.ts';
import { onlyParameters } from '../interaction/rest/onlyParameters.ts';
import { readPairs } from '../interaction/rest/strictJson.ts';
import { idempotentTransaction, recalled } from '../interaction/rest/idempotentTransaction.ts';
import type { RequestTarget } from '../interaction/rest/requestTarget.ts';
import { inputOf } from '../operation/call/input.ts';
import { operationAt } from '../operation/run.ts';
import { FhirError } from '../outcome/fhirError.ts';
import { streamBody } from './body.ts';
import { requireType } from './content.ts';
import { keyOf } from './idempotency.ts';

/** What takes a body as it streams in. */
type Streaming = (context: Context, body: AsyncIterable<Uint8Array>) => Promise<Resource>;

const ndjson = /^application\/(?:fhir\+|x-)?ndjson(?:\s*;|$)/i;
const x12 = /^application\/edi-x12(?:\s*;|$)/i;
const file =
  /^(?:text\/(?:csv|plain|tab-separated-values)|application\/(?:zip|x-zip-compressed|octet-stream))(?:\s*;|$)/i;

/**
 * The operation that takes a POST of NDJSON, X12 or a file as it streams in; undefined where the request is none or no
 * operation does. Only a file has parameters, in the query.
 */
export function streamingAt(
  request: IncomingMessage,
  { type, id, operation = '' }: RequestTarget,
  { context, query }: { readonly context: Context; readonly query: string },
): Streaming | undefined {
  const given = request.headers['content-type']?.trim() ?? '';
  if (request.method !== 'POST' || ![ndjson, x12, file].some((kind) => kind.test(given))) return undefined;
  const target = { ...(type === undefined ? {} : { type }), ...(id === undefined ? {} : { id }) };
  const found = operationAt(operation, target);
  const { lines, interchanges, file: takeFile } = found;
  if (file.test(given)) {
    if (!takeFile) return undefined;
    const input = inputOf(context, found, { query: readPairs(query) });
    return (of, body) => takeFile(of, body, input);
  }
  const streaming = x12.test(given) ? interchanges : lines;
  if (!streaming) return undefined;
  onlyParameters({ query }, 'a body that streams in');
  if (streaming === lines)
    requireType(request, ['application/fhir+ndjson', 'application/ndjson', 'application/x-ndjson']);
  return streaming;
}

/**
 * Answers a request whose body streams in. With an Idempotency-Key the first answer is replayed to a repeat that began
 * after it; a body is known by its hash, so a repeat is read to its end first.
 */
export async function streamedOnce(
  context: Context,
  request: IncomingMessage,
  streaming: Streaming,
): Promise<Answer> {
  const given = keyOf(request, context.principal ?? '', new Uint8Array());
  const hash = given ? createHash('sha256') : undefined;
  const body = hashed(streamBody(request), hash);
  try {
    if (given && hash && (await context.store.recall(given.text))) {
      await drained(body); // for its hash
      const known = await recalled(context.store, { ...given, bodyHash: hash.digest('hex') });
      if (known) return known;
      throw new Error('a kept answer was lost');
    }
    const answer = { status: 200, body: toJson(await streaming(context, body)) };
    if (!given || !hash) return answer;
    const key = { ...given, bodyHash: hash.digest('hex') };
    return await idempotentTransaction(context, { key, keep: 'forever' }, () => Promise.resolve(answer));
  } catch (error) {
    request.resume(); // what is left of the body goes nowhere
    throw error instanceof FhirError ? closing(error) : error;
  }
}

async function* hashed(body: AsyncIterable<Uint8Array>, hash: Hash | undefined): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    hash?.update(chunk);
    yield chunk;
  }
}

/** The rest of the body is not read any more. */
const closing = ({ status, issue, headers }: FhirError): FhirError =>
  new FhirError(status, issue, { ...headers, connection: 'close' });

async function drained(body: AsyncGenerator<Uint8Array>): Promise<void> {
  let step = await body.next();
  while (step.done !== true) step = await body.next();
}
