import type { IncomingMessage } from 'node:http';
import type { Answer } from '../interaction/rest/answer.ts';
import type { Settings } from './settings.ts';

/** Whether the process lives, and whether it is ready; undefined for any other request. */
export function health(
  { method = '' }: IncomingMessage,
  path: string,
  { ready, trouble }: Pick<Settings, 'ready' | 'trouble'>,
): Answer | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  if (path === '/healthz') return { status: 200, body: '{"status":"up"}' };
  if (path !== '/readyz') return undefined;
  return readiness({ ready, trouble });
}

/** Whether FHIR is served from a store that is whole, and why not. */
function readiness({ ready, trouble }: Pick<Settings, 'ready' | 'trouble'>): Answer {
  if (!ready()) return { status: 503, body: '{"status":"starting"}' };
  const found = trouble();
  if (!found) return { status: 200, body: '{"status":"ready"}' };
  return { status: 503, body: JSON.stringify({ status: found.kind, reason: found.text }) };
}
