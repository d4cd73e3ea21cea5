import type { IncomingMessage, ServerResponse } from 'node:http';
import { exchangeOf, pathOf, type Answering, type Step } from './exchange.ts';
import { fhirPath } from './fhirRouter.ts';

const exposed = 'ETag, Location, Content-Location, Retry-After, X-Request-Id, WWW-Authenticate';
const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
const maxAge_s = '600';
const discovery = /^\/fhir\/(?:metadata|\.well-known\/smart-configuration)\/?$/;

const isFhir = (path: string): boolean => path === fhirPath || path.startsWith(`${fhirPath}/`);

/** Whether who asks is found out for a path: for FHIR, but for what is told to everybody. */
export const isGuarded = (path: string): boolean => isFhir(path) && !discovery.test(path);

/**
 * Cross-origin requests of browser apps. Discovery is for everybody; else only a request that brings a token of its own
 * may be read by a page of another origin: a browser adds none by itself, so a foreign page has no more than its token.
 * The preflight says so before anything is asked.
 */
export const cors: Step = (request, response, next) => {
  const { origin } = request.headers;
  const path = pathOf(request.url);
  if (origin === undefined || !isFhir(path)) {
    next();
    return;
  }
  const isOpen = discovery.test(path);
  if (isPreflight(request)) {
    const exchange = exchangeOf(response);
    exchange.route = fhirPath;
    answerPreflight(request, response, exchange.headers, isOpen || asksForToken(request));
    return;
  }
  if (isOpen || request.headers.authorization !== undefined) allow(response);
  next();
};

function allow(response: Answering): void {
  exchangeOf(response).headers.push(
    'Access-Control-Allow-Origin',
    '*',
    'Access-Control-Expose-Headers',
    exposed,
  );
}

const isPreflight = ({ method, headers }: IncomingMessage): boolean =>
  method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;

const requestedHeaders = ({ headers }: IncomingMessage): readonly string[] =>
  (headers['access-control-request-headers'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => /^[a-z0-9-]+$/.test(name));

const asksForToken = (request: IncomingMessage): boolean =>
  requestedHeaders(request).includes('authorization');

function answerPreflight(
  request: IncomingMessage,
  response: ServerResponse,
  ofEvery: readonly string[],
  isAllowed: boolean,
): void {
  const headers = [...ofEvery];
  if (isAllowed) {
    headers.push('Access-Control-Allow-Origin', '*', 'Access-Control-Allow-Methods', methods);
    headers.push('Access-Control-Max-Age', maxAge_s);
    const requested = requestedHeaders(request);
    if (requested.length > 0) headers.push('Access-Control-Allow-Headers', requested.join(', '));
  }
  response.writeHead(204, headers);
  response.end();
}

/** Whether a request comes from a page of another server: its Origin is neither the public one nor that of its Host. */
export function isForeign({ headers: { origin, host } }: IncomingMessage, publicUrl: string): boolean {
  if (origin === undefined) return false;
  if (origin === URL.parse(publicUrl)?.origin) return false;
  return origin !== `http://${host ?? ''}` && origin !== `https://${host ?? ''}`;
}
