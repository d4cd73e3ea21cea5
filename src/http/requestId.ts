import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const start = randomBytes(6).toString('hex');
let count = 0;

/** The id of a request: X-Request-Id where the client gave a sound one, else a new one. */
export function requestId({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  if (typeof given === 'string' && /^[A-Za-z0-9\-.]{1,64}$/.test(given)) return given;
  count += 1;
  return `${start}-${count.toString(36)}`;
}
