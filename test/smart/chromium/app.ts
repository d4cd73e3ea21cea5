import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { httpServer } from '../../httpServer.ts';

/** An app of somebody else: two pages and the public library, on an origin of its own. */
export interface App {
  readonly url: string;
  close(): Promise<void>;
}

const library = fileURLToPath(new URL('../../build/fhir-client.min.js', import.meta.resolve('fhirclient')));

const page = (script: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>The app</title></head>
<body><h1>The app</h1><p id="state">starting</p><p id="patient"></p><p id="user"></p><ul id="list"></ul>
<button id="again">Read again</button><button id="refresh">Refresh</button>
<script src="/fhir-client.js"></script><script src="${script}"></script></body></html>`;

/** Launches: out of a server that gives `iss` and `launch`, or by itself with `iss` alone. */
const launchScript = (clientId: string): string => `
const query = new URLSearchParams(location.search);
FHIR.oauth2.authorize({
  clientId: ${JSON.stringify(clientId)},
  scope: query.get('scope') || 'launch openid fhirUser offline_access patient/*.rs',
  redirectUri: '/',
}).catch((error) => { document.getElementById('state').textContent = 'failed: ' + error.message; });`;

/** Finishes the launch, and lists the ExplanationOfBenefits of the patient that it was launched for. */
const appScript = `
const show = (id, text) => { document.getElementById(id).textContent = text; };
const list = async (client) => {
  show('state', 'reading');
  const explanations = await client.patient.request('ExplanationOfBenefit?_sort=created', { pageLimit: 0, flat: true });
  document.getElementById('list').replaceChildren(...explanations.map((one) => {
    const item = document.createElement('li');
    const total = one.total.find(({ category }) => category.coding.some(({ code }) => code === 'submitted'));
    item.textContent = one.id + ' ' + one.patient.reference + ' ' + total.amount.value.toFixed(2);
    return item;
  }));
  show('patient', client.patient.id);
  show('state', 'done');
};
const failed = (error) => show('state', 'failed: ' + error.message);
FHIR.oauth2.ready().then((client) => {
  show('user', client.user.fhirUser);
  document.getElementById('again').onclick = () => list(client).catch(failed);
  document.getElementById('refresh').onclick = async () => {
    const former = client.state.tokenResponse.access_token;
    show('state', 'refreshing');
    try {
      const { tokenResponse } = await client.refresh();
      show('state', tokenResponse.access_token === former ? 'the same token' : 'refreshed');
    } catch (error) { failed(error); }
  };
  return list(client);
}).catch(failed);`;

/** Serves the app; its pages run no script but its own, and none that was put into them. */
export async function serveApp(clientId: string): Promise<App> {
  const answers: Readonly<Record<string, readonly [type: string, text: string]>> = {
    '/launch': ['text/html', page('/launch.js')],
    '/': ['text/html', page('/app.js')],
    '/launch.js': ['text/javascript', launchScript(clientId)],
    '/app.js': ['text/javascript', appScript],
    '/fhir-client.js': ['text/javascript', readFileSync(library, 'utf8')],
  };
  const server: Server = httpServer(({ url = '' }, response) => {
    const [type = 'text/plain', text] = answers[new URL(url, 'http://localhost').pathname] ?? [];
    response.writeHead(text === undefined ? 404 : 200, {
      'Content-Type': `${type}; charset=utf-8`,
      'Content-Security-Policy': "default-src 'none'; script-src 'self'; connect-src http:",
    });
    response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
