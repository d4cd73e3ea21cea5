import type { IncomingMessage } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { etag, lastModified, refusal, type Answer } from '../interaction/rest/answer.ts';
import { fhirError, FhirError } from '../outcome/fhirError.ts';
import { compress, encodingFor } from './compress.ts';
import { exchangeOf, plain, type Answering } from './exchange.ts';
import { pretty } from './pretty.ts';

const utf8 = new TextDecoder();

/** Writes an answer as the client wants it, once the access is recorded; HEAD gets the headers only. */
export function send(request: IncomingMessage, response: Answering, answer: Answer): void {
  const exchange = exchangeOf(response);
  const { record } = exchange;
  if (!record) {
    sendNow(request, response, answer);
    return;
  }
  exchange.record = undefined;
  record(answer)
    .then(
      () => {
        sendNow(request, response, answer);
      },
      (error: unknown) => {
        exchange.presentation = plain;
        sendNow(request, response, notRecorded(error));
      },
    )
    .catch(() => response.destroy());
}

/** What is not recorded is not shown. */
function notRecorded(error: unknown): Answer {
  if (error instanceof FhirError) return refusal(error);
  const text = 'The access could not be recorded; ask again';
  return refusal(fhirError(503, 'no-store', 'not-recorded', text));
}

function sendNow(request: IncomingMessage, response: Answering, answer: Answer): void {
  const { presentation } = exchangeOf(response);
  if (answer.stream) {
    const { length, chunks } = answer.stream;
    const known = length === undefined ? {} : { length };
    write(response, answer, { body: undefined, ...known, chunks, isHead: request.method === 'HEAD' });
    return;
  }
  const body =
    presentation.pretty && answer.body !== undefined
      ? pretty(typeof answer.body === 'string' ? answer.body : utf8.decode(answer.body))
      : answer.body;
  const length = typeof body === 'string' ? Buffer.byteLength(body) : (body?.byteLength ?? 0);
  const isHead = request.method === 'HEAD';
  const encoding = encodingFor(request.headers['accept-encoding'], length);
  if (encoding === undefined || body === undefined) {
    write(response, answer, { body, length, isHead });
    return;
  }
  compress(body, encoding)
    .then(
      (packed) => {
        write(response, answer, { body: packed, length: packed.byteLength, encoding, isHead });
      },
      () => {
        write(response, answer, { body, length, isHead }); // no memory to pack it in
      },
    )
    .catch(() => response.destroy());
}

interface Payload {
  readonly body: Uint8Array | string | undefined;
  readonly length?: number; // bytes; none: sent in chunks until the end
  readonly chunks?: () => AsyncIterable<Uint8Array | string>; // instead of a body
  readonly encoding?: string;
  readonly isHead: boolean;
}

function write(
  response: Answering,
  { status, version, location, headers }: Answer,
  { body, length, chunks, encoding, isHead }: Payload,
): void {
  const { headers: ofEvery, presentation } = exchangeOf(response);
  const list = [...ofEvery];
  if (version) list.push('ETag', etag(version), 'Last-Modified', lastModified(version));
  if (location !== undefined) list.push('Location', location);
  if (headers) for (const name of Object.keys(headers)) list.push(name, headers[name] ?? '');
  if (encoding !== undefined) list.push('Content-Encoding', encoding);
  if (body !== undefined || chunks) {
    const { contentType, native } = presentation;
    list.push('Content-Type', native ? contentType : `${contentType}; charset=utf-8`);
    if (length !== undefined) list.push('Content-Length', String(length));
  } else if (status !== 204 && status !== 304) list.push('Content-Length', '0');
  response.writeHead(status, list);
  if (chunks && !isHead) pipeline(Readable.from(chunks()), response, () => undefined);
  else if (isHead || body === undefined) response.end();
  else response.end(body);
}
