import type { ServerResponse } from 'node:http';
import { etag, lastModified, type Answer } from '../interaction/answer.ts';

export interface Envelope {
  readonly requestId: string;
  readonly contentType: string;
  readonly head: boolean; // HEAD: headers only
}

/** Writes an answer. What it holds is about patients: no cache keeps it, no browser guesses at it or frames it. */
export function send(
  response: ServerResponse,
  answer: Answer,
  { requestId, contentType, head }: Envelope,
): void {
  const { status, body, version, location, headers } = answer;
  const list: string[] = [
    'X-Request-Id',
    requestId,
    'Cache-Control',
    'no-store',
    'X-Content-Type-Options',
    'nosniff',
    'Content-Security-Policy',
    "default-src 'none'; frame-ancestors 'none'",
  ];
  if (version) list.push('ETag', etag(version), 'Last-Modified', lastModified(version));
  if (location !== undefined) list.push('Location', location);
  if (headers) for (const name of Object.keys(headers)) list.push(name, headers[name] ?? '');
  if (body !== undefined) {
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    list.push('Content-Type', `${contentType}; charset=utf-8`, 'Content-Length', String(length));
  } else if (status !== 204 && status !== 304) list.push('Content-Length', '0');
  response.writeHead(status, list);
  if (head || body === undefined) response.end();
  else response.end(body);
}
