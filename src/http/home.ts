import { exchangeOf, pathOf, queryOf, type Step } from './exchange.ts';
import { pagePolicy } from './securityHeaders.ts';
import { send } from './send.ts';
import type { Settings } from './settings.ts';

/** What the page at `/` tells of this server. */
interface Home {
  /** The FHIR base as the server gives it in links. */
  readonly publicUrl: string;
  /** True where a request to FHIR needs a token. */
  readonly needsToken: boolean;
  /** True, or why the server is not ready. */
  readonly state: true | string;
}

const style = `
  :root { color-scheme: light dark; }
  body { max-width: 44rem; margin: 2.5rem auto; padding: 0 1.25rem; font: 1.0625rem/1.6 system-ui, sans-serif; }
  h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 0.5rem; }
  h2 { font-size: 1.125rem; margin: 2rem 0 0.5rem; }
  li { margin: 0.375rem 0; }
  code { font: 0.9375rem ui-monospace, monospace; overflow-wrap: anywhere; }
`;

const allowStyle = pagePolicy(style);

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.replace(/[&<>"]/g, (sign) => escapes[sign] ?? sign);

interface Link {
  readonly to: string;
  readonly name: string;
  readonly what: string;
}

const open: readonly Link[] = [
  {
    to: 'fhir/metadata?_format=json&_pretty=true',
    name: 'CapabilityStatement',
    what: 'everything that answers, and how it can be searched',
  },
  { to: 'readyz', name: 'Readiness', what: 'whether the store is served, and why not' },
  { to: 'healthz', name: 'Health', what: 'whether the process lives' },
];

const guarded: readonly Link[] = [
  { to: 'fhir/Patient?_format=json&_pretty=true', name: 'Patients', what: 'who was seen' },
  { to: 'fhir/Claim?_format=json&_pretty=true', name: 'Claims', what: 'what was drafted and sent to payers' },
  { to: 'fhir/Invoice?_format=json&_pretty=true', name: 'Invoices', what: 'what patients were billed' },
  {
    to: 'fhir/OperationDefinition?_format=json&_pretty=true',
    name: 'OperationDefinitions',
    what: 'the steps from a charted visit to a paid bill',
  },
];

const list = (links: readonly Link[]): string =>
  links.map(({ to, name, what }) => `    <li><a href="${escape(to)}">${name}</a>: ${what}</li>`).join('\n');

/** The page at `/`: what this is, whether it is ready, and where to go on. Links are relative to where it is served. */
function homePage({ publicUrl, needsToken, state }: Home): string {
  const token = needsToken ? '\n  <p>These need a token (<code>Authorization: Bearer …</code>):</p>' : '';
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Claimwright</title>
  <style>${style}</style>
</head>
<body>
<main>
  <h1>Claimwright</h1>
  <p>A FHIR-native medical billing server: it turns a charted visit into priced charges, a claim, the payer’s
  answer and the patient’s bill, with every cent in a double-entry ledger.</p>
  <p><strong>${state === true ? 'Ready.' : `Not ready: ${escape(state)}.`}</strong>
  FHIR R4 is at <code>${escape(publicUrl)}</code>; a program gets JSON there, this page is for people.</p>
  <h2>The server</h2>
  <ul>
${list(open)}
  </ul>
  <h2>What it holds</h2>${token}
  <ul>
${list(guarded)}
  </ul>
</main>
</body>
</html>
`;
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
    exchange.presentation = { contentType: 'text/html', pretty: false };
    const body = homePage({ publicUrl, needsToken: settings.auth !== 'off', state });
    send(request, response, { status: 200, body });
  };
}
