import type { ErrorRequestHandler } from 'express';
import { exchangeOf, type Answering } from './exchange.ts';
import type { Log } from './log.ts';
import { outcomeHandler } from './outcomeHandler.ts';
import { send } from './send.ts';

/**
 * The last step: what a step before has thrown becomes an OperationOutcome. It cannot throw itself: where even the answer
 * cannot be made, the bare status is sent or the connection closed.
 */
export function errorHandler(log: Log, issuesTold: number): ErrorRequestHandler {
  return (error: unknown, request, response: Answering, next) => {
    try {
      const answer = outcomeHandler(error, exchangeOf(response).requestId, log, issuesTold);
      if (response.headersSent)
        next(error); // nothing more can be said: Express closes the connection
      else send(request, response, answer);
    } catch {
      if (response.headersSent) response.destroy();
      else response.writeHead(500, ['Connection', 'close', 'Content-Length', '0']).end();
    }
  };
}
