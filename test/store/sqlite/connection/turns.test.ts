import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parsePairs } from '../../../../src/search/parse.ts';
import { openStore } from '../../../../src/store/openStore.ts';
import type { Store, Transaction } from '../../../../src/store/store.ts';
import { patient, put } from '../../../contract/storeContract.ts';

let store: Store;
beforeEach(async () => {
  store = await openStore('sqlite::memory:', { now: () => new Date().toISOString() });
});
afterEach(() => store.close());

test('those that share a commit see the ones before them, without what was taken back', async () => {
  const seen: (number | undefined)[] = [];
  const write = (id: string, fails: boolean): Promise<void> =>
    store.transaction(async (tx) => {
      seen.push((await tx.search({ ...parsePairs('Patient', []), count: 0 })).total);
      await tx.put(patient(id));
      if (fails) throw new Error('boom');
    });
  await Promise.allSettled([
    write('a', false),
    write('b', true),
    write('c', false),
    write('d', true),
    write('e', false),
  ]);
  expect(seen).toEqual([0, 1, 1, 2, 2]);
});

test('work that waits for something else is failed and taken back, and the others go on', async () => {
  let late: Transaction | undefined;
  const slow = store.transaction(async (tx) => {
    late = tx;
    await tx.put(patient('slow'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await tx.put(patient('slower'));
  });
  const other = put(store, patient('other'));
  await expect(slow).rejects.toThrow('waited for something other than the store');
  await other;
  expect(await store.read('Patient', 'slow')).toBeUndefined();
  await expect(late?.put(patient('too-late'))).rejects.toThrow('has ended');
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(await store.read('Patient', 'slower')).toBeUndefined();
  expect(await store.read('Patient', 'other')).toBeDefined();
});
