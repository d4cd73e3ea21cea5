import type { IncomingMessage } from 'node:http';
import type { Answer } from '../interaction/rest/answer.ts';
import type { Settings } from './settings.ts';

/** Whether the process lives, and whether it is ready; undefined for any other request. */
export function health(
  { method = '' }: IncomingMessage,
  path: string,
  { ready }: Pick<Settings, 'ready'>,
): Answer | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  if (path === '/healthz') return { status: 200, body: '{"status":"up"}' };
  if (path !== '/readyz') return undefined;
  return ready()
    ? { status: 200, body: '{"status":"ready"}' }
    : { status: 503, body: '{"status":"starting"}' };
}
