import type { IncomingMessage } from 'node:http';
import type { Provider } from 'oidc-provider';
import { readText } from './forms.ts';
import { withBody } from './withBody.ts';

/**
 * A token request, with the client_id put in where a public app leaves it out when it refreshes: RFC 6749 (6) does not
 * ask for it there, and fhirclient does not send it. The refresh token says which app it was given to. An app that
 * proves who it is still has to.
 */
export async function refreshRequest(provider: Provider, request: IncomingMessage): Promise<IncomingMessage> {
  const { method, headers } = request;
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');
  if (method !== 'POST' || !isForm || headers.authorization !== undefined) return request;
  const text = await readText(request);
  const form = new URLSearchParams(text);
  const [token = '', ...others] = form.getAll('refresh_token');
  const isNamed = ['client_id', 'client_assertion', 'client_secret'].some((name) => form.has(name));
  const isRefresh = form.get('grant_type') === 'refresh_token' && token !== '' && others.length === 0;
  if (!isRefresh || isNamed) return withBody(request, text);
  const id = (await provider.RefreshToken.find(token, { ignoreExpiration: true }))?.clientId;
  const client = id === undefined ? undefined : await provider.Client.find(id);
  if (client?.clientAuthMethod !== 'none') return withBody(request, text);
  form.set('client_id', client.clientId);
  return withBody(request, form.toString());
}
