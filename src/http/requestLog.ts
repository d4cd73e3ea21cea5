import { exchangeOf, type Step } from './exchange.ts';
import type { Log } from './log.ts';

/** One line for each request, with the path of the table of routes: one as it was sent may tell of a patient. */
export function requestLog(log: Log): Step {
  return (request, response, next) => {
    if (log.wants('info')) {
      const exchange = exchangeOf(response);
      response.once('close', () => {
        log.info({
          requestId: exchange.requestId,
          method: request.method,
          path: exchange.route ?? 'unknown',
          status: response.statusCode,
          ms: Math.round((performance.now() - exchange.started) * 10) / 10,
        });
      });
    }
    next();
  };
}
