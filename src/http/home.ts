import type { IncomingMessage } from 'node:http';
import { exchangeOf, pathOf, queryOf, type Step } from './exchange.ts';
import { pagePolicy } from './securityHeaders.ts';
import { send } from './send.ts';
import type { Settings } from './settings.ts';
import { markup, type Html } from './smart/page/html.ts';
import { isLanguage, languageOf, switchLanguage, type Language } from './smart/page/text.ts';
import type { HomeLink } from './smart/text/texts.ts';

/** What the page at `/` tells of this server. */
interface Home {
  /** The FHIR base as the server gives it in links. */
  readonly publicUrl: string;
  /** True where a request to FHIR needs a token. */
  readonly needsToken: boolean;
  /** True, or why the server is not ready. */
  readonly state: true | string;
  readonly language: Language;
}

const style = `
  :root { color-scheme: light dark; }
  body { max-width: 44rem; margin: 2.5rem auto; padding: 0 1.25rem; font: 1.0625rem/1.6 system-ui, sans-serif; }
  h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 0.5rem; }
  h2 { font-size: 1.125rem; margin: 2rem 0 0.5rem; }
  li { margin: 0.375rem 0; }
  header { text-align: end; }
  nav a { display: inline-block; padding: 0.125rem 0; }
  code { font: 0.9375rem ui-monospace, monospace; overflow-wrap: anywhere; }
`;

const allowStyle = pagePolicy(style);

type Target = readonly [HomeLink, to: string];

const search = '?_format=json&_pretty=true';
const open: readonly Target[] = [
  ['metadata', `fhir/metadata${search}`],
  ['readyz', 'readyz'],
  ['healthz', 'healthz'],
];
const guarded: readonly Target[] = (['Patient', 'Claim', 'Invoice', 'OperationDefinition'] as const).map(
  (type) => [type, `fhir/${type}${search}`],
);

/** The page at `/`: what this is, whether it is ready, and where to go on. Links are relative to where it is served. */
function homePage({ publicUrl, needsToken, state, language }: Home): string {
  const { code, texts } = language;
  const { home: says } = texts;
  const list = (targets: readonly Target[]): Html => {
    const items = targets.map(([link, to]) => {
      const [name, what] = says.links[link];
      return markup`    <li><a href="${to}">${name}</a>: ${what}</li>`;
    });
    return markup`<ul>
${items}
  </ul>`;
  };
  const token = needsToken && markup`<p>${says.needsToken(markup`<code>Authorization: Bearer …</code>`)}</p>`;
  const ready = state === true ? says.ready : markup`${says.notReady} <span lang="en">${state}</span>.`;
  const { html } = markup`<!doctype html>
<html lang="${code}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Claimwright</title>
  <style>${{ html: style }}</style>
</head>
<body>
<header>${switchLanguage(language)}</header>
<main>
  <h1>Claimwright</h1>
  <p>${says.what}</p>
  <p><strong>${ready}</strong>
  ${says.base(markup`<code>${publicUrl}</code>`)}</p>
  <h2>${says.server}</h2>
  ${list(open)}
  <h2>${says.holds}</h2>
  ${token}
  ${list(guarded)}
</main>
</body>
</html>
`;
  return html;
}

/** The language asked for by `?language=`, as the links of the page do, else that of the browser. */
function languageOfPage(request: IncomingMessage): Language {
  const code = /(?:^|&)language=([a-z]{2})(?:&|$)/.exec(queryOf(request.url ?? ''))?.[1];
  return languageOf(
    code !== undefined && isLanguage(code) ? { headers: { 'accept-language': code } } : request,
  );
}

/** Answers at `/` with the page for people. Where it is mounted below a path, the path gets the slash that links need. */
export function home(settings: Settings, publicUrl: string): Step {
  return (request, response, next) => {
    const { method, url, originalUrl, baseUrl } = request;
    if (pathOf(url) !== '/' || (method !== 'GET' && method !== 'HEAD')) {
      next();
      return;
    }
    const exchange = exchangeOf(response);
    exchange.route = '/';
    if (!pathOf(originalUrl).endsWith('/')) {
      const query = queryOf(originalUrl);
      send(request, response, { status: 308, location: `${baseUrl}/${query === '' ? '' : `?${query}`}` });
      return;
    }
    const state = settings.ready() ? (settings.trouble()?.text ?? true) : 'it is still starting';
    allowStyle(exchange);
    exchange.headers.push('Vary', 'Accept-Language');
    exchange.presentation = { contentType: 'text/html', pretty: false };
    const language = languageOfPage(request);
    const body = homePage({ publicUrl, needsToken: settings.auth !== 'off', state, language });
    send(request, response, { status: 200, body });
  };
}
