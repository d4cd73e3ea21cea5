import type { ErrorRequestHandler } from 'express';
import { exchangeOf, type Answering } from './exchange.ts';
import type { Log } from './log.ts';
import { outcomeHandler } from './outcomeHandler.ts';
import { send } from './send.ts';

/** The last step: what a step before has thrown becomes an OperationOutcome. */
export function errorHandler(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response: Answering, next) => {
    const answer = outcomeHandler(error, exchangeOf(response).requestId, log);
    if (response.headersSent)
      next(error); // nothing more can be said: Express closes the connection
    else send(request, response, answer);
  };
}
