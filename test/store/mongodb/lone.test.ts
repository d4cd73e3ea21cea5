import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { MongoClient, type Db } from 'mongodb';
import { openStore } from '../../../src/store/openStore.ts';
import type { Store, Stored } from '../../../src/store/store.ts';
import { emptyDatabase } from '../../mongodb/database.ts';

/** What is written without a transaction: docs/decision/0011. */
let clock = 0;
const now = (): string => new Date(clock).toISOString();
let store: Store;
let other: Store;
let client: MongoClient;
let db: Db;
beforeEach(async () => {
  clock = Date.parse('2025-03-01T10:00:00.000Z');
  const url = await emptyDatabase('lone');
  [store, other] = await Promise.all([openStore(url, { now }), openStore(url, { now })]);
  client = await MongoClient.connect(url);
  db = client.db();
});
afterEach(() => Promise.all([store.close(), other.close(), client.close()]));

interface Row {
  readonly _id: { readonly r: string; readonly v: number };
  readonly e: number;
}
const former = () => db.collection<Row>('version');
const put = (to: Store, language: string): Promise<Stored> =>
  to.transaction((tx) => tx.put({ resourceType: 'Patient', id: 'a', language }));
const at = async (moment: number): Promise<number[]> =>
  (await store.changes({ at: { low: moment, high: moment + 1 }, count: 10 })).versions.map(
    ({ version }) => version,
  );

test('a version that was set aside by a server that died before it wrote the next one is nowhere twice', async () => {
  await put(store, 'x-1');
  clock += 1000;
  await put(store, 'x-2');
  const begun = clock;
  const current = await db.collection('resource').findOne({ _id: 'Patient/a' as never });
  const left = { ...current, _id: { r: 'Patient/a', v: 2 }, e: begun + 500 };
  await db.collection('version').insertOne(left as never);
  const check = async (versions: number[]): Promise<void> => {
    const history = await store.history('Patient', 'a', { count: 10 });
    expect(history.map(({ version }) => version)).toEqual(versions);
    for (const count of [1, 2, 10]) {
      const { versions: page, next } = await store.changes({ type: 'Patient', count });
      expect(page.map(({ version }) => version)).toEqual(versions.slice(0, count));
      expect(next === undefined).toBe(count >= versions.length);
    }
  };
  await check([2, 1]);
  expect((await store.vread('Patient', 'a', 2))?.version).toBe(2);
  expect(await at(begun + 900)).toEqual([2]);
  clock += 1000;
  expect((await put(store, 'x-3')).version).toBe(3);
  await check([3, 2, 1]);
  expect(await at(begun + 900)).toEqual([2]); // until the version came that is there, not the one that never was
  expect((await former().find().toArray()).map(({ e }) => e).sort()).toEqual([begun, begun + 1000]);
});

test('two servers that change one resource at once: every version once, each ends where the next begins', async () => {
  await put(store, 'x');
  const made = await Promise.all(
    Array.from({ length: 30 }, (_, i) => {
      clock += 7;
      return put(i % 2 === 0 ? store : other, `x-${i}`);
    }),
  );
  expect(new Set(made.map(({ version }) => version)).size).toBe(30);
  const rows = await former().find().sort({ _id: 1 }).toArray();
  const history = await other.history('Patient', 'a', { count: 100 });
  expect(history.map(({ version }) => version)).toEqual(Array.from({ length: 31 }, (_, i) => 31 - i));
  const starts = history.map(({ lastUpdated }) => Date.parse(lastUpdated)).reverse();
  expect(rows.map(({ e }) => e)).toEqual(starts.slice(1));
});

test('what was read before a transaction had to begin is still so in it, or all is done again', async () => {
  await put(store, 'x-1');
  let attempts = 0;
  const seen = await store.transaction(async (tx) => {
    attempts++;
    const read = await tx.read('Patient', 'a');
    if (attempts === 1) await put(other, 'x-2');
    await tx.lock('something');
    return [read?.version, (await tx.read('Patient', 'a'))?.version];
  });
  expect([attempts, seen]).toEqual([2, [2, 2]]);
});

test('a write of one resource that was overtaken is done again on what the other wrote', async () => {
  await put(store, 'x-1');
  let attempts = 0;
  const written = await store.transaction(async (tx) => {
    attempts++;
    await tx.read('Patient', 'a');
    if (attempts === 1) await put(other, 'x-2');
    return tx.put({ resourceType: 'Patient', id: 'a', language: 'x-3' });
  });
  expect([attempts, written.version]).toEqual([2, 3]);
  const stale = store.transaction(async (tx) => {
    await tx.read('Patient', 'a');
    const current = (await other.read('Patient', 'a'))?.version ?? 0;
    if (current === 3) await put(other, 'x-4');
    return tx.put({ resourceType: 'Patient', id: 'a', language: 'x-5' }, { ifMatch: 3 });
  });
  await expect(stale).rejects.toMatchObject({ status: 412 });
});

test('one of many that are written together fails alone', async () => {
  await put(store, 'x');
  const outcomes = await Promise.allSettled(
    Array.from({ length: 12 }, (_, i) =>
      store.transaction(async (tx) => {
        const language = `x-${i}`;
        if (i % 4 < 3) return tx.put({ resourceType: 'Patient', id: `p${i}`, language }, { fresh: true });
        return tx.put({ resourceType: 'Patient', id: 'a', language }, { ifMatch: 1 });
      }),
    ),
  );
  const refused = outcomes.flatMap((o) => (o.status === 'rejected' ? [o.reason as { status: number }] : []));
  expect(refused.map(({ status }) => status)).toEqual([412, 412]);
  expect(await db.collection('resource').countDocuments()).toBe(10);
});
