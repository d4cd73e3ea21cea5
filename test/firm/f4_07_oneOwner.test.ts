import {
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { refusedStart, startServer, type RunningServer } from '../server.ts';
import { until } from '../until.ts';
import { fhirRequest, outcomeOf, type FhirAnswer } from './fhirRequest.ts';

let folder = '';
let file = '';
let server: RunningServer;
const none = { CLAIMWRIGHT_SEED: 'none' };
const named = (name: string) => ({ ...none, CLAIMWRIGHT_STORE: `sqlite:${join(folder, name)}` });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'claimwright-'));
  file = join(folder, 'claimwright.db');
  server = await startServer(none, folder);
});
afterEach(async () => {
  await server.stop('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const put = (id: string, to = server): Promise<FhirAnswer> =>
  fhirRequest('PUT', `${to.base}/Patient/${id}`, { resourceType: 'Patient', id });
const readyz = (): Promise<FhirAnswer> => fhirRequest('GET', `${server.origin}/readyz`);
const gone = outcomeOf('exception', 'store-gone');

test.each([
  ['a symbolic link', symlinkSync],
  ['a hard link', linkSync],
])(
  '4.7 %s to the store is the same store: a second server on it is refused, naming the first',
  async (_, link) => {
    mkdirSync(join(folder, 'deep'));
    link(file, join(folder, 'deep', 'other.db'));
    const { code, error } = await refusedStart(named('deep/other.db'), folder);
    expect(code).toBe(1);
    expect(error).toContain(`is in use by process ${server.pid}: one process owns a store`);
    expect(error).toContain('--to URL');
    expect((await put('a')).status).toBe(201);
  },
);

test.each([
  ['a symbolic link', symlinkSync],
  ['a hard link', linkSync],
])(
  '4.7 neighbour: after a kill, a start by %s sees all that was acknowledged by the first name',
  async (_, link) => {
    for (const id of ['a', 'b', 'c']) expect((await put(id)).status).toBe(201);
    await server.stop('SIGKILL');
    link(file, join(folder, 'other.db'));
    server = await startServer(named('other.db'), folder);
    for (const id of ['a', 'b', 'c'])
      expect((await fhirRequest('GET', `${server.base}/Patient/${id}`)).status).toBe(200);
    expect((await put('d')).status).toBe(201);
    await server.stop('SIGKILL');
    server = await startServer(none, folder);
    expect((await fhirRequest('GET', `${server.base}/Patient/d`)).status).toBe(200);
  },
);

test('4.7 a file that is removed under the server is noticed before a commit is answered: 503, and /readyz', async () => {
  expect((await put('before')).status).toBe(201);
  rmSync(file);
  expect(await put('after')).toMatchObject({ status: 503, body: gone });
  expect(await readyz()).toMatchObject({ status: 503, body: { status: 'gone' } });
  expect((await fhirRequest('GET', `${server.base}/Patient/before`)).status).toBe(200); // reads go on
  const told = await until(() => server.logged().match(/removed or replaced/g) ?? undefined);
  expect(told).toHaveLength(1);
});

test('4.7 a file that is replaced under the server is noticed: 503, and the new file is left as it is', async () => {
  expect((await put('before')).status).toBe(201);
  copyFileSync(file, join(folder, 'copy.db'));
  const { size } = statSync(join(folder, 'copy.db'));
  renameSync(join(folder, 'copy.db'), file);
  for (const id of ['x', 'y', 'z']) expect(await put(id)).toMatchObject({ status: 503, body: gone });
  expect(statSync(file).size).toBe(size);
});

test('4.7 no write that was acknowledged is lost while the file is taken away and put back among writers', async () => {
  const acknowledged: string[] = [];
  let isOver = false;
  const writer = async (name: string): Promise<void> => {
    for (let i = 0; !isOver; i++)
      if ((await put(`${name}-${i}`)).status === 201) acknowledged.push(`${name}-${i}`);
  };
  const writers = ['a', 'b', 'c', 'd'].map(writer);
  for (let i = 0; i < 5 || acknowledged.length <= 20; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    renameSync(file, join(folder, 'away.db'));
    await new Promise((resolve) => setTimeout(resolve, 30));
    renameSync(join(folder, 'away.db'), file);
  }
  isOver = true;
  await Promise.all(writers);
  expect((await put('after')).status).toBe(201); // the same file is back: it recovers by itself
  await server.stop('SIGKILL');
  server = await startServer(none, folder);
  expect(acknowledged.length).toBeGreaterThan(20);
  for (const id of acknowledged)
    expect([id, (await fhirRequest('GET', `${server.base}/Patient/${id}`)).status]).toEqual([id, 200]);
});

test('4.7 neighbour: the journal of SQLite that is removed under the server is noticed as well', async () => {
  expect((await put('before')).status).toBe(201);
  rmSync(`${file}-wal`);
  expect(await put('after')).toMatchObject({ status: 503, body: gone });
});

test('4.7 neighbour: what was acknowledged before the file was removed is kept in a copy when the server ends', async () => {
  expect((await put('before')).status).toBe(201);
  rmSync(file);
  expect((await put('after')).status).toBe(503);
  expect(await server.stop()).toBe(0);
  expect(server.logged()).toContain('claimwright.db.rescued');
  const rescued = await startServer(named('claimwright.db.rescued'), folder);
  expect((await fhirRequest('GET', `${rescued.base}/Patient/before`)).status).toBe(200);
  await rescued.stop();
});
