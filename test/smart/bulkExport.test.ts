import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { authorize, bearer, Browser, exchange, password, smartTest, type SmartTest } from './browser.ts';

let server: SmartTest;
let token: { readonly headers?: Readonly<Record<string, string>> };

beforeAll(async () => {
  server = await smartTest();
  await server.context.store.transaction(async (tx) => {
    for (const id of ['p1', 'p2']) {
      await tx.put({ resourceType: 'Patient', id });
      await tx.put({
        ...{ resourceType: 'Observation', id: `o-${id}`, status: 'final', code: { text: 'weight' } },
        subject: { reference: `Patient/${id}` },
      });
    }
  });
  await server.client({ id: 'app' });
  const account = await server.accounts.add({ name: 'one', roles: ['patient'], users: ['Patient/p1'] });
  await server.accounts.setPassword(account.id, password);
  const scope = 'launch/patient openid fhirUser patient/Patient.rs patient/Observation.rs';
  const launched = await authorize(server, new Browser(server), { client: 'app', scope, account });
  token = bearer((await exchange(server, 'app', launched)).json['access_token']);
});
afterAll(() => server.close());

test('2.5.7, 6.2, 6.4 an export needs a token, and so do its files; they hold what the token grants', async () => {
  const later = { prefer: 'respond-async', accept: 'application/fhir+json' };
  expect((await server.ask(`${server.base}/$export`, { headers: later })).status).toBe(401);
  const kicked = await server.ask(`${server.base}/Patient/$export`, {
    headers: { ...later, ...token.headers },
  });
  expect(kicked.status).toBe(202);
  const status = String(kicked.headers['content-location']);
  expect((await server.ask(status)).status).toBe(401);
  let reply = await server.ask(status, token);
  while (reply.status === 202) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    reply = await server.ask(status, token);
  }
  const { output, requiresAccessToken } = reply.json as {
    readonly output: readonly { readonly type: string; readonly url: string }[];
    readonly requiresAccessToken: boolean;
  };
  expect([reply.status, requiresAccessToken]).toEqual([200, true]);
  expect(output.map(({ type }) => type)).toEqual(['Observation', 'Patient']);
  for (const { url } of output) {
    expect((await server.ask(url)).status).toBe(401);
    const file = await server.ask(url, token);
    expect([file.status, file.text.includes('p1'), file.text.includes('p2')]).toEqual([200, true, false]);
  }
});
