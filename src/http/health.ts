import type { Answer } from '../interaction/rest/answer.ts';
import { exchangeOf, pathOf, type Step } from './exchange.ts';
import { send } from './send.ts';
import type { Settings } from './settings.ts';

/** Whether the process lives, and whether it is ready to answer FHIR. */
export function health(settings: Pick<Settings, 'ready' | 'trouble'>): Step {
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
    else send(request, response, readiness(settings));
  };
}

/** Whether FHIR is served from a store that is whole, and why not. */
function readiness({ ready, trouble }: Pick<Settings, 'ready' | 'trouble'>): Answer {
  if (!ready()) return { status: 503, body: '{"status":"starting"}' };
  const found = trouble();
  if (!found) return { status: 200, body: '{"status":"ready"}' };
  return { status: 503, body: JSON.stringify({ status: found.kind, reason: found.text }) };
}
