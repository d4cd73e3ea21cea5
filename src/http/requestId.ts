import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { plain, type Step } from './exchange.ts';

const start = randomBytes(6).toString('hex');
let count = 0;

/** The id of a request: X-Request-Id where the client gave a sound one, else a new one. */
function idOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  if (typeof given === 'string' && /^[A-Za-z0-9\-.]{1,64}$/.test(given)) return given;
  count += 1;
  return `${start}-${count.toString(36)}`;
}

/** The first step: gives the request its id, which the answer and the log carry. */
export const requestId: Step = (request, response, next) => {
  const id = idOf(request);
  const headers = ['X-Request-Id', id];
  response.locals.claimwright = { requestId: id, started: performance.now(), headers, presentation: plain };
  next();
};
