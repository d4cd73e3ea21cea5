import type { IncomingMessage } from 'node:http';
import type { Step } from './exchange.ts';

/**
 * Milliseconds within which a short body (a form, the metadata of an app) has to be here, and within which the rest of
 * any body has to come once its request is answered.
 */
export const shortBodyWithin = 20_000;

/**
 * Closes the connection of a request whose body is not here in time: a client that sends it byte by byte would hold the
 * connection, and what waits for the body, for as long as it likes.
 */
export const bodyDeadline =
  (within: number): Step =>
  (request, _response, next) => {
    closeUnlessComplete(request, within);
    next();
  };

/** Closes the connection of a request after a while, unless all of it is here by then. */
export function closeUnlessComplete(request: IncomingMessage, within: number): void {
  if (request.complete) return;
  const timer = setTimeout(() => {
    if (!request.complete) request.socket.destroy();
  }, within).unref();
  request.once('end', () => {
    clearTimeout(timer);
  });
}
