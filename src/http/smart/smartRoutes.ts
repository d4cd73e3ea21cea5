import type { IncomingMessage, ServerResponse } from 'node:http';
import { Router } from 'express';
import type { Provider } from 'oidc-provider';
import { bodyDeadline, shortBodyWithin } from '../bodyDeadline.ts';
import { exchangeOf, pathOf, queryOf, type Answering, type Step } from '../exchange.ts';
import { hostGuard } from '../guard.ts';
import { authorizeQuery } from './authorizeRequest.ts';
import { answerDemoApp } from './demoApp.ts';
import { FormError, redirect, sendPage } from './forms.ts';
import { answerPage } from './manage.ts';
import { problemPage } from './page/problem.ts';
import { isLanguage, languageCookie, languageOf } from './page/text.ts';
import { refreshRequest } from './refreshRequest.ts';
import { registrationRequest } from './registration.ts';
import type { SmartServer } from './smartServer.ts';
import { answerStep } from './step.ts';

/** Where the authorization server is, below the path that the server is mounted at. */
export const smartPath = '/auth';

/** Paths that oidc-provider answers. */
const providerPaths =
  /^\/(?:token|introspect|revoke|jwks|register(?:\/[^/]+)?|authorize\/[^/]+|end\/confirm|\.well-known\/(?:openid-configuration|oauth-authorization-server))$/;

/** Paths that programs ask: what is wrong is told as JSON. */
const machinePaths: ReadonlySet<string> = new Set(['/token', '/register']);

function sendError(response: ServerResponse, { status, message }: FormError): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.end(JSON.stringify({ error: 'invalid_request', error_description: message }));
}

/** The authorization server: what apps ask, and the pages that people see. */
export function smartRoutes(server: SmartServer, before: readonly Step[]): Router {
  const router = Router({ caseSensitive: true });
  const isOpen = server.settings.auth === 'off';
  const guard = hostGuard(server.base);
  router.use(...before, bodyDeadline(shortBodyWithin), (request, response: Answering, next) => {
    if (isOpen) guard(request);
    prepare(server, request, response);
    next();
  });
  router.use(async (request, response: Answering, next) => {
    const path = pathOf(request.url);
    exchangeOf(response).route = routeOf(path);
    try {
      if (await answer(server, path, request, response)) return;
      if (isForPeople(request)) sendPage(response, problemPage(languageOf(request), 'notfound', 404));
      else next();
    } catch (error) {
      if (!(error instanceof FormError)) throw error;
      if (machinePaths.has(path)) sendError(response, error);
      else sendPage(response, problemPage(languageOf(request), 'form', error.status));
    }
  });
  return router;
}

/** Whether a browser asks, on behalf of somebody who reads the answer. */
const isForPeople = ({ method, headers: { accept = '' } }: IncomingMessage): boolean =>
  method === 'GET' && accept.includes('text/html');

const named = new Set(
  'authorize token introspect revoke jwks register step link sign-in apps account demo end'
    .split(' ')
    .concat('.well-known/openid-configuration', '.well-known/oauth-authorization-server'),
);

/** The path as the log and the figures name it: what follows may open a door, and a made-up path is none of ours. */
function routeOf(path: string): string {
  const name = /^\/((?:\.well-known\/)?[a-z-]*)/.exec(path)?.[1] ?? '';
  return `${smartPath}/${name === '' || named.has(name) ? name : 'other'}`;
}

async function answer(
  server: SmartServer,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (switchesLanguage(server, path, request, response)) return true;
  if (path.startsWith('/step/')) {
    await answerStep(server, request, response);
    return true;
  }
  if (path === '/authorize' && (request.method === 'GET' || request.method === 'POST')) {
    request.url = `${path}?${await authorizeQuery(request)}`;
    request.method = 'GET';
  } else if (path.startsWith('/demo/')) return answerDemoApp(server, path, request, response);
  else if (!providerPaths.test(path)) return answerPage(server, path, request, response);
  if (path === '/register' && answersPreflight(server, request, response)) return true;
  const provider = await server.provider();
  const asked = await restated(provider, path, request);
  await provider.callback()(asked, response);
  return true;
}

/** The request as oidc-provider is to read it. */
async function restated(
  provider: Provider,
  path: string,
  request: IncomingMessage,
): Promise<IncomingMessage> {
  if (path === '/register' && request.method === 'POST') return registrationRequest(request);
  return path === '/token' ? refreshRequest(provider, request) : request;
}

/** Registration across origins, which oidc-provider leaves out; true where it was asked about and is answered. */
function answersPreflight(
  { settings }: SmartServer,
  { method, headers }: IncomingMessage,
  response: ServerResponse,
): boolean {
  if (!settings.registration || headers.origin === undefined) return false;
  response.setHeader('Access-Control-Allow-Origin', '*');
  if (method !== 'OPTIONS') return false;
  response.setHeader('Access-Control-Allow-Methods', 'GET, POST');
  response.setHeader('Access-Control-Allow-Headers', 'authorization, content-type');
  response.writeHead(204).end();
  return true;
}

/**
 * Says how the server is reached, whatever the request says of it, and what every answer carries. A page knows where it
 * came from within this server only: the policy of referrers must let a form say its origin.
 */
function prepare({ issuer }: SmartServer, request: IncomingMessage, response: Answering): void {
  const { protocol, host } = new URL(issuer);
  const { headers } = request;
  for (const name of ['forwarded', 'x-forwarded-for', 'x-forwarded-port'])
    Reflect.deleteProperty(headers, name);
  headers['x-forwarded-proto'] = protocol.slice(0, -1);
  headers['x-forwarded-host'] = host;
  const { requestId } = exchangeOf(response);
  response.setHeader('X-Request-Id', requestId);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Pragma', 'no-cache');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Referrer-Policy', 'same-origin');
  // oidc-provider adds the one script of its own pages where there is a script-src
  const policy = "default-src 'none'; script-src 'none'; frame-ancestors 'none'; base-uri 'none'";
  response.setHeader('Content-Security-Policy', policy);
}

/** `?language=es` on a page: remembers it and shows the page again. */
function switchesLanguage(
  { issuer }: SmartServer,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const code = /^language=([a-z]{2})$/.exec(queryOf(request.url ?? ''))?.[1];
  if (request.method !== 'GET' || code === undefined || !isLanguage(code)) return false;
  const where = new URL(issuer).pathname;
  response.setHeader(
    'Set-Cookie',
    `${languageCookie}=${code}; Path=${where}; HttpOnly; SameSite=Lax; Max-Age=31536000`,
  );
  redirect(response, `${where}${path}`);
  return true;
}
