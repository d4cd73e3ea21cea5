import { exchangeOf, pathOf, type Step } from './exchange.ts';
import { send } from './send.ts';
import type { Settings } from './settings.ts';

/** Whether the process lives, and whether it is ready to answer FHIR. */
export function health({ ready }: Pick<Settings, 'ready'>): Step {
  return (request, response, next) => {
    const { method } = request;
    const path = pathOf(request.url);
    const isAsked = path === '/healthz' || path === '/readyz';
    if (!isAsked || (method !== 'GET' && method !== 'HEAD')) {
      next();
      return;
    }
    exchangeOf(response).route = path;
    exchangeOf(response).presentation = { contentType: 'application/json', pretty: false };
    if (path === '/healthz') send(request, response, { status: 200, body: '{"status":"up"}' });
    else if (ready()) send(request, response, { status: 200, body: '{"status":"ready"}' });
    else send(request, response, { status: 503, body: '{"status":"starting"}' });
  };
}
