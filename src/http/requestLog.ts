import { exchangeOf, pathOf, type Step } from './exchange.ts';
import type { Log } from './log.ts';

/** One line for each request, without query string: it may tell of a patient. */
export function requestLog(log: Log): Step {
  return (request, response, next) => {
    if (log.wants('info')) {
      const exchange = exchangeOf(response);
      const path = pathOf(request.url);
      response.once('close', () => {
        log.info({
          requestId: exchange.requestId,
          method: request.method,
          path,
          status: response.statusCode,
          ms: Math.round((performance.now() - exchange.started) * 10) / 10,
        });
      });
    }
    next();
  };
}
