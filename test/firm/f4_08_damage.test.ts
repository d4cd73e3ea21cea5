import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { refusedStart, startServer, type RunningServer } from '../server.ts';
import { until } from '../until.ts';
import { damagePage } from './damagePage.ts';
import { fhirRequest, outcomeOf } from './fhirRequest.ts';

let folder = '';
let file = '';
let server: RunningServer;
const none = { CLAIMWRIGHT_SEED: 'none' };
const damaged = outcomeOf('exception', 'store-damaged');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'claimwright-'));
  file = join(folder, 'claimwright.db');
  const before = await startServer(none, folder);
  for (let i = 0; i < 50; i++)
    await fhirRequest('PUT', `${before.base}/Patient/p${i}`, {
      resourceType: 'Patient',
      id: `p${i}`,
      name: [{ family: `Family${i}` }],
    });
  await before.stop();
  for (const name of ['string', 'string_folded']) damagePage(file, name);
  server = await startServer(none, folder);
});
afterAll(async () => {
  await server.stop('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const search = () => fhirRequest('GET', `${server.base}/Patient?family=Family7`);
const lines = (): string[] =>
  server
    .logged()
    .split('\n')
    .filter((line) => line !== '');

test('4.8 a damaged page is logged once, as damage, with what to do', async () => {
  for (let i = 0; i < 5; i++) expect(await search()).toMatchObject({ status: 503, body: damaged });
  await until(() => lines().length > 0);
  expect(lines()).toHaveLength(1);
  expect(lines()[0]).toContain('"store":"damaged"');
  expect(lines()[0]).toMatch(/is damaged: stop the server, keep the file.*npm run restore.*npm run verify/);
});

test('4.8 /readyz is 503 with the reason once a damaged page was met', async () => {
  expect(await fhirRequest('GET', `${server.origin}/readyz`)).toMatchObject({
    status: 503,
    body: { status: 'damaged' },
  });
});

test('4.8 neighbour: what does not need the damaged page is still read', async () => {
  expect((await fhirRequest('GET', `${server.base}/Patient/p7`)).status).toBe(200);
  expect((await fhirRequest('GET', `${server.base}/Patient/p7/_history`)).status).toBe(200);
});

test('4.8 neighbour: nothing more is written into a damaged store, and the answer says why', async () => {
  const put = await fhirRequest('PUT', `${server.base}/Basic/x`, {
    resourceType: 'Basic',
    id: 'x',
    code: { text: 'x' },
  });
  expect(put).toMatchObject({ status: 503, body: damaged });
  await until(() => lines().length > 0);
  expect(lines()).toHaveLength(1);
});

test('4.8 neighbour: a file that is no store at all stops the start in a sentence with what to do', async () => {
  await server.stop();
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.from('this is no database, it was overwritten'), 0);
  closeSync(descriptor);
  const { code, error } = await refusedStart(none, folder);
  expect([code, error]).toEqual([
    1,
    expect.stringMatching(/^[^\n]*is damaged[^\n]*npm run restore[^\n]*\n$/),
  ]);
});
