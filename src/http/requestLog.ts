import { closeUnlessComplete, shortBodyWithin } from './bodyDeadline.ts';
import { exchangeOf, type Step } from './exchange.ts';
import type { Log } from './log.ts';
import type { RequestCounts } from './requestCounts.ts';

/**
 * Counts each request when it has ended, and writes its line of the log with the path of the table of routes, as the
 * path sent may hold patient data.
 */
export function requestLog(log: Log, counts: RequestCounts): Step {
  const isWanted = log.wants('info');
  return (request, response, next) => {
    const exchange = exchangeOf(response);
    // The event fires once; `on` costs less than `once`.
    response.on('close', () => {
      // An answer may come before the whole body: whoever keeps on sending it holds the connection.
      if (!request.complete) closeUnlessComplete(request, shortBodyWithin);
      const { method } = request;
      const { requestId, route, started } = exchange;
      const status = response.statusCode;
      counts.add(method, route ?? 'other', status);
      if (!isWanted) return;
      const ms = Math.round((performance.now() - started) * 10) / 10;
      log.info({ requestId, method, path: route ?? 'unknown', status, ms });
    });
    next();
  };
}
