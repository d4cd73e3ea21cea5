import type { ServerResponse } from 'node:http';
import { etag, lastModified, type Answer } from '../interaction/rest/answer.ts';
import { compress, encodingFor } from './compress.ts';
import type { Presentation } from './content.ts';
import { pretty } from './pretty.ts';

export interface Envelope {
  readonly requestId: string;
  readonly presentation: Presentation;
  readonly head: boolean; // HEAD: headers only
  readonly acceptEncoding: string | string[] | undefined;
}

const utf8 = new TextDecoder();

/** Writes an answer. What it holds is about patients: no cache keeps it, no browser guesses at it or frames it. */
export function send(response: ServerResponse, answer: Answer, envelope: Envelope): void {
  const { presentation, acceptEncoding } = envelope;
  const body =
    presentation.pretty && answer.body !== undefined
      ? pretty(typeof answer.body === 'string' ? answer.body : utf8.decode(answer.body))
      : answer.body;
  const length = typeof body === 'string' ? Buffer.byteLength(body) : (body?.byteLength ?? 0);
  const encoding = encodingFor(acceptEncoding, length);
  if (encoding === undefined || body === undefined) {
    write(response, answer, envelope, { body, length });
    return;
  }
  compress(body, encoding).then(
    (packed) => {
      write(response, answer, envelope, { body: packed, length: packed.byteLength, encoding });
    },
    () => {
      write(response, answer, envelope, { body, length }); // no memory to pack it in
    },
  );
}

interface Payload {
  readonly body: Uint8Array | string | undefined;
  readonly length: number; // bytes
  readonly encoding?: string;
}

function write(
  response: ServerResponse,
  { status, version, location, headers }: Answer,
  { requestId, presentation, head }: Envelope,
  { body, length, encoding }: Payload,
): void {
  const list: string[] = [
    'X-Request-Id',
    requestId,
    'Cache-Control',
    'no-store',
    'X-Content-Type-Options',
    'nosniff',
    'Content-Security-Policy',
    "default-src 'none'; frame-ancestors 'none'",
    'Vary',
    'Accept, Accept-Encoding',
  ];
  if (version) list.push('ETag', etag(version), 'Last-Modified', lastModified(version));
  if (location !== undefined) list.push('Location', location);
  if (headers) for (const name of Object.keys(headers)) list.push(name, headers[name] ?? '');
  if (encoding !== undefined) list.push('Content-Encoding', encoding);
  if (body !== undefined) {
    const { contentType, native } = presentation;
    list.push('Content-Type', native ? contentType : `${contentType}; charset=utf-8`);
    list.push('Content-Length', String(length));
  } else if (status !== 204 && status !== 304) list.push('Content-Length', '0');
  response.writeHead(status, list);
  if (head || body === undefined) response.end();
  else response.end(body);
}
