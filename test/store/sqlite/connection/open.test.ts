import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parsePairs } from '../../../../src/search/parse.ts';
import { openStore } from '../../../../src/store/openStore.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claimwright-'));
  file = join(folder, 'deep', 'store.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});
const now = (): string => new Date().toISOString();
const url = (): string => `sqlite:${file}`;

/** A process that opens the store and writes pairs until it is killed; says so when it has begun. */
async function writer(): Promise<ChildProcess> {
  const source = new URL('../../../../src/store/openStore.ts', import.meta.url).href;
  const script = `
    const { openStore } = await import(${JSON.stringify(source)});
    const store = await openStore(${JSON.stringify(url())}, { now: () => new Date().toISOString() });
    for (let i = 0; ; i++) {
      await Promise.all([0, 1, 2].map((j) => store.transaction(async (tx) => {
        await tx.put({ resourceType: 'Patient', id: 'p' + i + '-' + j });
        await tx.put({ resourceType: 'Basic', id: 'b' + i + '-' + j, subject: { reference: 'Patient/p' + i + '-' + j } });
      })));
      console.log(i);
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
}

test('a second process is refused and told whose the store is; one that was killed leaves it whole and free', async () => {
  const child = await writer();
  let written = 0;
  child.stdout?.on('data', (text: Buffer) => (written = Number(text.toString().trim().split('\n').at(-1))));
  await expect(openStore(url(), { now })).rejects.toThrow(`is in use by process ${child.pid ?? NaN}`);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill('SIGKILL');
  });
  const store = await openStore(url(), { now });
  const total = async (type: 'Patient' | 'Basic'): Promise<number> =>
    (await store.search(parsePairs(type, [['_count', '0']]))).total ?? NaN;
  expect(await total('Patient')).toBeGreaterThanOrEqual((written + 1) * 3); // what was answered is there
  expect(await total('Basic')).toBe(await total('Patient')); // nothing is half there
  await store.close();
});

test('a store of a newer version refuses to open and stays as it is', async () => {
  await (await openStore(url(), { now })).close();
  const database = new DatabaseSync(file);
  database.exec('PRAGMA user_version = 99');
  database.close();
  await expect(openStore(url(), { now })).rejects.toThrow(/newer version \(schema 99\)/);
  const after = new DatabaseSync(file);
  expect(after.prepare('PRAGMA user_version').get()).toEqual({ user_version: 99 });
  after.close();
});

test('what is written is there after the store was closed and opened again, and numbering goes on', async () => {
  const first = await openStore(url(), { now });
  await first.transaction(async (tx) => {
    await tx.put({ resourceType: 'Patient', id: 'a', identifier: [{ system: 'http://s', value: '1' }] });
    await tx.reserve('k', 'Patient/a');
  });
  await first.close();
  const second = await openStore(url(), { now });
  await second.transaction((tx) =>
    tx.put({ resourceType: 'Patient', id: 'b', identifier: [{ system: 'http://s', value: '2' }] }),
  );
  const found = await second.search(parsePairs('Patient', [['identifier', 'http://s|']]));
  expect(found.matches.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(await second.holder('k')).toBe('Patient/a');
  await second.close();
});

test('a URL that is no store is refused', async () => {
  await expect(openStore('redis://x/y', { now })).rejects.toThrow('use sqlite:FILE');
});
