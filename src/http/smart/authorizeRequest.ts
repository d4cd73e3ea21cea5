import { readForm } from './forms.ts';
import type { IncomingMessage } from 'node:http';

/** Says that `prompt=consent` was added here; what an app says under this name is dropped. */
export const promptAdded = 'claimwright_prompt';

/**
 * The query of an authorization request, whether it came by GET or as a form by POST: both mean the same (OpenID Connect
 * Core 3.1.2.1). Where it asks for `offline_access`, `prompt=consent` is added: SMART apps do not say it, and without
 * it the scope would be left out.
 */
export async function authorizeQuery(request: IncomingMessage): Promise<string> {
  const mark = request.url?.indexOf('?') ?? -1;
  const query = new URLSearchParams(mark < 0 ? '' : request.url?.slice(mark + 1));
  if (request.method === 'POST')
    for (const [name, value] of await readForm(request)) query.append(name, value);
  query.delete(promptAdded);
  const asksOffline = query.getAll('scope').some((scope) => scope.split(' ').includes('offline_access'));
  const prompts = (query.get('prompt') ?? '').split(' ').filter((prompt) => prompt !== '');
  if (asksOffline && !prompts.includes('consent') && !prompts.includes('none')) {
    query.set('prompt', [...prompts, 'consent'].join(' '));
    query.set(promptAdded, 'consent');
  }
  return query.toString();
}
