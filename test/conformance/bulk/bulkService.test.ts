import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OperationOutcome } from '@medplum/fhirtypes';
import { codeOfIssue } from '../../../src/outcome/issue.ts';
import { smartTest, type SmartTest } from '../../smart/browser.ts';
import { publishedKeys, Tester, type Keys } from '../../smart/tester.ts';

/** An export as a backend service asks for it: a token by client_credentials, and nobody at a browser. */
let server: SmartTest;
let keys: Keys;
let tester: Tester;
beforeAll(async () => {
  server = await smartTest();
  keys = await publishedKeys();
  tester = new Tester(server, keys);
  for (const [id, roles] of [
    ['service', undefined],
    ['desk', ['front-desk']],
  ] as const)
    await server.client({
      ...{ id, kind: 'service', redirectUris: [], jwksUri: keys.url },
      ...(roles ? { roles, practices: ['none'] } : {}),
    });
  await server.context.store.transaction(async (tx) => {
    for (let i = 0; i < 40; i++)
      await tx.put({ resourceType: 'Patient', id: `p${i}`, name: [{ family: `Family of patient ${i}` }] });
  });
});
afterAll(async () => {
  await server.close();
  await keys.close();
});

const tokenOf = async (client: string, scope: string): Promise<string> => {
  const form = { grant_type: 'client_credentials', scope, ...(await tester.assertion(client)) };
  const { json } = await server.ask(await tester.endpoint('token'), { form });
  return String(json['access_token']);
};
const get = (url: string, token: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(url, { headers: { authorization: `Bearer ${token}`, ...headers } });
const kickOff = (token: string): Promise<Response> =>
  get(`${server.base}/Patient/$export?_type=Patient`, token, {
    ...{ prefer: 'respond-async', accept: 'application/fhir+json' },
  });
async function outputOf(token: string): Promise<readonly { readonly type: string; readonly url: string }[]> {
  const kicked = await kickOff(token);
  expect(kicked.status).toBe(202);
  for (;;) {
    const reply = await get(kicked.headers.get('content-location') ?? '', token);
    if (reply.status === 200)
      return ((await reply.json()) as { output: { type: string; url: string }[] }).output;
    expect([202, 429]).toContain(reply.status);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

test('6.1, 6.2 a backend service exports with a token of client_credentials, and reads files packed by gzip', async () => {
  const token = await tokenOf('service', 'system/*.rs');
  const [file, ...others] = await outputOf(token);
  expect(others).toEqual([]);
  const packed = await get(file?.url ?? '', token, { 'accept-encoding': 'gzip' });
  expect([packed.status, packed.headers.get('content-encoding'), packed.headers.get('content-type')]).toEqual(
    [...[200, 'gzip', expect.stringContaining('application/fhir+ndjson')]],
  );
  const text = await packed.text();
  expect(Number(packed.headers.get('content-length'))).toBeLessThan(text.length / 2);
  expect(text.trim().split('\n')).toHaveLength(40);
  const plain = await get(file?.url ?? '', token, { 'accept-encoding': 'identity' });
  expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, text]);
});

test('6.3 neighbour: who asks too often how it stands is told when to come again, and the export goes on', async () => {
  const token = await tokenOf('service', 'system/*.rs');
  const { store } = server.context;
  const settled = store.settled.bind(store);
  let goOn = (): void => undefined;
  const held = new Promise<void>((resolve) => (goOn = resolve));
  store.settled = async (at) => held.then(() => settled(at));
  const kicked = await kickOff(token);
  const status = kicked.headers.get('content-location') ?? '';
  const replies: Response[] = [];
  const isRefused = (): boolean => replies.some((reply) => reply.status === 429);
  for (let i = 0; i < 20 || (i < 500 && !isRefused()); i++) replies.push(await get(status, token));
  expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([202, 429]));
  const refused = replies.find((reply) => reply.status === 429);
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  const outcome = (await refused?.json()) as OperationOutcome;
  expect(outcome.issue.map(codeOfIssue)).toEqual(['asked-too-soon']);
  store.settled = settled;
  goOn();
  for (;;) {
    const reply = await get(status, token);
    if (reply.status === 200) break;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
});

test('6.1 neighbour: a scope that names no Patient exports none, and a service sees what its role does', async () => {
  const narrow = await tokenOf('service', 'system/Observation.rs');
  expect((await kickOff(narrow)).status).toBe(403);
  expect(await outputOf(await tokenOf('desk', 'system/*.rs'))).toEqual([]);
});
