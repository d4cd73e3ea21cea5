import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Observation } from '@medplum/fhirtypes';
import { parsePairs } from '../../../src/search/parse.ts';
import { openStore } from '../../../src/store/openStore.ts';
import type { Store } from '../../../src/store/store.ts';
import { emptyDatabase } from '../../mongodb/database.ts';

const now = (): string => new Date().toISOString();
const final: Observation & { id: string } = {
  resourceType: 'Observation',
  id: 'o1',
  status: 'final',
  code: { text: 'x' },
};
const query = { ...parsePairs('Observation', [['status', 'final']]), count: 0 };
const twice = async (store: Store): Promise<(number | undefined)[]> => [
  (await store.search(query)).total,
  (await store.search(query)).total,
];
let url: string;
const stores: Store[] = [];
const open = async (): Promise<Store> => {
  const store = await openStore(url, { now });
  stores.push(store);
  return store;
};

beforeAll(async () => {
  url = await emptyDatabase('total');
});
afterAll(() => Promise.all(stores.map((store) => store.close())));

test('a total that a server remembers is counted anew once it or another has written', async () => {
  const one = await open();
  expect(await twice(one)).toEqual([0, 0]);
  await one.transaction((tx) => tx.put(final));
  expect(await twice(one)).toEqual([1, 1]);
  const other = await open(); // came after that was counted
  await other.transaction((tx) => tx.put({ ...final, id: 'o2' }, { fresh: true }));
  expect([...(await twice(one)), ...(await twice(other))]).toEqual([2, 2, 2, 2]);
  await other.transaction((tx) => tx.put({ ...final, status: 'amended' }));
  expect(await twice(one)).toEqual([1, 1]);
  await other.close();
  expect(await twice(one)).toEqual([1, 1]);
  await one.transaction((tx) => tx.delete('Observation', 'o2'));
  expect(await twice(one)).toEqual([0, 0]);
});

test('a total is not remembered while what it counts is being written', async () => {
  const one = await open();
  await one.transaction(async (tx) => {
    await tx.put({ ...final, id: 'o3' });
    expect(await twice(one)).toEqual([0, 0]); // from outside
    expect((await tx.search(query)).total).toBe(1);
  });
  expect(await twice(one)).toEqual([1, 1]);
});
