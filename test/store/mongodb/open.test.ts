import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { parsePairs } from '../../../src/search/parse.ts';
import { openStore } from '../../../src/store/openStore.ts';
import { freePort } from '../../freePort.ts';
import { emptyDatabase } from '../../mongodb/database.ts';
import { startNode, stopNode } from '../../mongodb/nodes.ts';

const now = (): string => new Date().toISOString();

test('a server that does not answer stops the start within seconds, without the password in the message', async () => {
  const url = 'mongodb://someone:s3cret@127.0.0.1:9/claims?replicaSet=x';
  const began = performance.now();
  const failure = await openStore(url, { now }).catch((error: unknown) => (error as Error).message);
  expect(performance.now() - began).toBeLessThan(30_000);
  expect(failure).toMatch(/no MongoDB server answered within 5 seconds/);
  expect(failure).not.toMatch(/s3cret|someone/);
});

test.each([
  ['no host', 'mongodb://'],
  ['an option that there is not', 'mongodb://127.0.0.1/claims?password=s3cret'],
])('a URL with %s is refused in a sentence', async (_, url) => {
  const failure = await openStore(url, { now }).catch((error: unknown) => (error as Error).message);
  expect(failure).toMatch(/the MongoDB URL is malformed/);
  expect(failure).not.toMatch(/s3cret/);
});

test('a URL without a database is refused', async () => {
  const url = (await emptyDatabase('open')).replace(/\/claimwright_test[^?]*/, '/');
  await expect(openStore(url, { now })).rejects.toThrow('names no database');
});

test('a server without a replica set is refused: there are no transactions on it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'claimwright-alone-'));
  const port = await freePort();
  const node = { port, folder, child: startNode(folder, port, 'alone') };
  try {
    await expect(openStore(`mongodb://127.0.0.1:${port}/claims`, { now })).rejects.toThrow(
      'need a replica set',
    );
  } finally {
    await stopNode(node);
    rmSync(folder, { recursive: true });
  }
});

test('a store of a newer version refuses to open and stays as it is', async () => {
  const url = await emptyDatabase('open');
  await (await openStore(url, { now })).close();
  const client = await MongoClient.connect(url);
  const settings = client.db().collection<{ _id: string; value: unknown }>('setting');
  try {
    await settings.updateOne({ _id: 'format' }, { $set: { value: 99 } });
    await expect(openStore(url, { now })).rejects.toThrow(/newer version \(format 99\)/);
    expect(await settings.findOne({ _id: 'format' })).toEqual({ _id: 'format', value: 99 });
  } finally {
    await settings.updateOne({ _id: 'format' }, { $set: { value: 1 } });
    await client.close();
  }
});

test('what is written is there after the store was closed and opened again, and the order goes on', async () => {
  const url = await emptyDatabase('open');
  const first = await openStore(url, { now });
  await first.transaction(async (tx) => {
    await tx.put({ resourceType: 'Patient', id: 'z', identifier: [{ system: 'http://s', value: '1' }] });
    await tx.put({ resourceType: 'Organization', id: 'o', name: 'o' });
    await tx.reserve('k', 'Patient/z');
  });
  const generation = await first.generation('Organization');
  await first.close();
  const second = await openStore(url, { now });
  expect(await second.generation('Organization')).toBe(generation);
  await second.transaction((tx) =>
    tx.put({ resourceType: 'Patient', id: 'a', identifier: [{ system: 'http://s', value: '2' }] }),
  );
  const found = await second.search(parsePairs('Patient', [['identifier', 'http://s|']]));
  expect(found.matches.map(({ id }) => id)).toEqual(['z', 'a']);
  expect(await second.holder('k')).toBe('Patient/z');
  await second.close();
});

test('two servers on one store see what the other wrote, and only one gets a key', async () => {
  const url = await emptyDatabase('open');
  const [one, other] = await Promise.all([openStore(url, { now }), openStore(url, { now })]);
  const before = await other.generation('Organization');
  expect(await other.generation('Organization')).toBe(before);
  await one.transaction((tx) => tx.put({ resourceType: 'Organization', id: 'p', name: 'p' }));
  expect((await other.read('Organization', 'p'))?.version).toBe(1);
  expect(await other.generation('Organization')).not.toBe(before);
  const take = (i: number): Promise<string> =>
    (i % 2 === 0 ? one : other).transaction(async (tx) => {
      await tx.lock('patient');
      const holder = await tx.holder('k');
      if (holder !== undefined) return holder;
      await tx.reserve('k', `Patient/${i}`);
      return `Patient/${i}`;
    });
  const holders = await Promise.all(Array.from({ length: 40 }, (_, i) => take(i)));
  expect(new Set(holders).size).toBe(1);
  await Promise.all([one.close(), other.close()]);
});
