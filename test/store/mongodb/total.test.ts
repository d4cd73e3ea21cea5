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
let stores: Store[];

beforeAll(async () => {
  const url = await emptyDatabase('total');
  stores = [await openStore(url, { now }), await openStore(url, { now })];
});
afterAll(() => Promise.all(stores.map((store) => store.close())));

test('a total that one server remembers is counted anew once another has written', async () => {
  const [one, other] = stores as [Store, Store];
  const query = { ...parsePairs('Observation', [['status', 'final']]), count: 0 };
  const totals = async (): Promise<(number | undefined)[]> => [
    (await one.search(query)).total,
    (await one.search(query)).total,
    (await other.search(query)).total,
  ];
  expect(await totals()).toEqual([0, 0, 0]);
  await other.transaction((tx) => tx.put(final));
  expect(await totals()).toEqual([1, 1, 1]);
  await one.transaction((tx) => tx.put({ ...final, status: 'amended' }));
  expect(await totals()).toEqual([0, 0, 0]);
  await other.transaction((tx) => tx.put({ ...final, id: 'o2' }, { fresh: true }));
  expect(await totals()).toEqual([1, 1, 1]);
});
