import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startServer, type RunningServer } from '../server.ts';
import { fhirRequest } from './fhirRequest.ts';
import { runCommand, type Ran } from './runCommand.ts';

let folder = '';
let file = '';
let copy = '';
let server: RunningServer;
const none = { CLAIMWRIGHT_SEED: 'none' };

const put = async (id: string): Promise<number> =>
  (await fhirRequest('PUT', `${server.base}/Patient/${id}`, { resourceType: 'Patient', id })).status;
const statusOf = async (id: string): Promise<number> =>
  (await fhirRequest('GET', `${server.base}/Patient/${id}`)).status;
const restore = (from: string): Promise<Ran> => runCommand('restore', [from], `sqlite:${file}`);
const quickCheck = (of: string): unknown => {
  const database = new DatabaseSync(of, { readOnly: true });
  try {
    return Object.values(database.prepare('PRAGMA quick_check').get() ?? {})[0];
  } finally {
    database.close();
  }
};

/** A store with `before`, a copy of it, and more written until it was killed: its journal is not empty. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'claimwright-'));
  file = join(folder, 'claimwright.db');
  copy = join(folder, 'copy.db');
  server = await startServer(none, folder);
  expect(await put('before')).toBe(201);
  expect((await runCommand('backup', [copy], `sqlite:${file}`)).code).toBe(0);
  for (let i = 0; i < 20; i++) expect(await put(`after${i}`)).toBe(201);
});
afterEach(async () => {
  await server.stop('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('4.5 restore puts a copy in the place of a store that was killed, without its journal', async () => {
  await server.stop('SIGKILL');
  expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
  const { code, said } = await restore(copy);
  expect([code, said]).toEqual([0, expect.stringContaining(`Restored ${copy} to ${file}`)]);
  expect(readdirSync(folder).filter((name) => /^claimwright\.db-(wal|shm)$/.test(name))).toEqual([]);
  expect(quickCheck(file)).toBe('ok');
  server = await startServer(none, folder);
  expect([await statusOf('before'), await statusOf('after0'), await put('new')]).toEqual([200, 404, 201]);
});

test('4.5 restore keeps the former store beside, whole', async () => {
  await server.stop('SIGKILL');
  const { said } = await restore(copy);
  const kept = /kept at (.+)$/m.exec(said)?.[1] ?? '';
  expect(kept).toMatch(/claimwright\.db\.before-\d{8}T\d{6}Z$/);
  server = await startServer({ ...none, CLAIMWRIGHT_STORE: `sqlite:${kept}` }, folder);
  for (let i = 0; i < 20; i++) expect(await statusOf(`after${i}`)).toBe(200);
});

test('4.5 restore is refused while a server owns the store, and changes nothing', async () => {
  const { code, error } = await restore(copy);
  expect([code, error]).toEqual([1, expect.stringContaining(`is in use by process ${server.pid}`)]);
  expect([await statusOf('after19'), await put('more')]).toEqual([200, 201]);
});

test('4.5 restore checks the copy first: a damaged one is refused and nothing is changed', async () => {
  await server.stop('SIGKILL');
  const bytes = readFileSync(copy);
  bytes.fill(0xa5, 4096, 40_960);
  writeFileSync(copy, bytes);
  const { code, error } = await restore(copy);
  expect([code, error]).toEqual([1, expect.stringMatching(/is damaged.*nothing was changed/)]);
  server = await startServer(none, folder);
  expect(await statusOf('after19')).toBe(200);
});

test('4.5 restore checks the copy first: one of a newer version is refused', async () => {
  await server.stop();
  const database = new DatabaseSync(copy);
  database.exec('PRAGMA user_version = 999');
  database.close();
  expect(await restore(copy)).toMatchObject({ code: 1, error: expect.stringMatching(/newer version.*999/) });
});

test.each([
  ['a text file', 'this is no store'],
  ['an empty file', ''],
])('4.5 neighbour: %s is no copy', async (_, text) => {
  await server.stop();
  writeFileSync(copy, text);
  const { code, error } = await restore(copy);
  expect([code, error]).toEqual([1, expect.stringMatching(/no store/)]);
  server = await startServer(none, folder);
  expect(await statusOf('after19')).toBe(200);
});

test('4.5 neighbour: a copy that was made by copying the file and its journal of a killed server is whole', async () => {
  await server.stop('SIGKILL');
  for (const end of ['', '-wal']) copyFileSync(`${file}${end}`, `${copy}${end}`);
  expect((await restore(copy)).code).toBe(0);
  server = await startServer(none, folder);
  for (let i = 0; i < 20; i++) expect(await statusOf(`after${i}`)).toBe(200);
});

test('4.5 neighbour: where there is no store yet, the copy becomes it, for its owner only', async () => {
  await server.stop();
  file = join(folder, 'new', 'claimwright.db');
  expect((await restore(copy)).code).toBe(0);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  server = await startServer({ ...none, CLAIMWRIGHT_STORE: `sqlite:${file}` }, folder);
  expect(await statusOf('before')).toBe(200);
});

test('4.5 neighbour: a store is not restored from itself, nor from what is not there', async () => {
  await server.stop();
  expect(await restore(file)).toMatchObject({
    code: 1,
    error: expect.stringContaining('is the store itself'),
  });
  expect(await restore(join(folder, 'nothing'))).toMatchObject({ code: 1 });
  server = await startServer(none, folder);
  expect(await statusOf('after19')).toBe(200);
});
