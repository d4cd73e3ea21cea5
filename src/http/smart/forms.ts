import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { securityPolicy, type Page } from './page/html.ts';

const bytesMax = 64 * 1024;

/** A body that is too long, is of another type than a form, or did not arrive as a whole. */
export class FormError extends Error {
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

/** Reads the body of a request as a text. */
export async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // not destroyed when we stop early: the refusal is sent on the same connection
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytesMax) break;
      chunks.push(chunk);
    }
  } catch {
    throw new FormError('the body did not arrive');
  }
  if (bytes > bytesMax) {
    request.resume(); // the rest is let go, so that the connection can be used again
    throw new FormError('the body is too long', 413);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Reads a form that was posted. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? ''))
    throw new FormError('the body is not a form');
  return new URLSearchParams(await readText(request));
}

/** Proves that a form is ours: whoever has the proof of a session or step has seen its page. */
export const proofOf = (secret: string, of: string): string =>
  createHmac('sha256', secret).update(of).digest('base64url');

export function isProof(given: string | null, expected: string): boolean {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Whether a post comes from one of our pages, as far as the browser says where it comes from. */
export function isOfOurPage({ headers }: IncomingMessage, issuer: string): boolean {
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  return origin === undefined || origin === new URL(issuer).origin;
}

/** Writes a page. It is of one person, so nobody keeps it. */
export function sendPage(response: ServerResponse, { status, html, leadsTo }: Page): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Content-Security-Policy', securityPolicy(leadsTo));
  response.setHeader('Content-Length', Buffer.byteLength(html));
  response.end(html);
}

/** Sends the browser on. */
export function redirect(response: ServerResponse, location: string): void {
  response.statusCode = 303;
  response.setHeader('Location', location);
  response.setHeader('Content-Length', '0');
  response.end();
}
