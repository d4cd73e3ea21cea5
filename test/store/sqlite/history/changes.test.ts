import { expect, test } from '@jest/globals';
import type { ResourceType } from '@medplum/fhirtypes';
import { openStore } from '../../../../src/store/openStore.ts';
import type { HistoryQuery, Store } from '../../../../src/store/store.ts';

let clock = 0;
const start = Date.parse('2025-03-01T10:00:00.000Z');

/** Writes second by second: what is named after + is put, after - deleted. */
async function filled(...writes: string[]): Promise<Store> {
  clock = start;
  const store = await openStore('sqlite::memory:', { now: () => new Date(clock).toISOString() });
  let i = 0;
  for (const write of writes) {
    await store.transaction(async (tx) => {
      const [type, id] = write.slice(1).split('/') as [ResourceType, string];
      if (write.startsWith('-')) await tx.delete(type, id);
      else await tx.put({ resourceType: type, id, language: `l${i++}` } as Parameters<typeof tx.put>[0]);
    });
    clock += 1000;
  }
  return store;
}
const all = async (
  store: Store,
  query: Partial<HistoryQuery>,
  between?: () => Promise<unknown>,
): Promise<string[]> => {
  const found: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await store.changes({ count: 50, ...query, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.versions.map(({ type, id, version }) => `${type}/${id}/${version}`));
    cursor = page.next;
    if (cursor === undefined) return found;
    await between?.();
  }
};
const writes = ['+Patient/a', '+Basic/b', '+Patient/c', '+Patient/a', '-Basic/b', '+Basic/d'];
const expected = ['Basic/d/1', 'Basic/b/2', 'Patient/a/2', 'Patient/c/1', 'Basic/b/1', 'Patient/a/1'];

test('history of all and of a type is newest first, deletions too, whatever the size of the pages', async () => {
  const store = await filled(...writes);
  for (const count of [1, 2, 3, 50]) {
    expect(await all(store, { count })).toEqual(expected);
    expect(await all(store, { count, type: 'Patient' })).toEqual(
      expected.filter((v) => v.startsWith('Patient')),
    );
  }
  const deleted = (await store.changes({ count: 2 })).versions[1];
  expect(deleted).toMatchObject({ deleted: true, method: 'DELETE', lastUpdated: '2025-03-01T10:00:04.000Z' });
  await store.close();
});

test('_since is a cut, _at gives what was current in a stretch of time', async () => {
  const store = await filled(...writes);
  expect(await all(store, { since: start + 3000 })).toEqual(expected.slice(0, 3));
  expect(await all(store, { since: start + 3001, count: 1 })).toEqual(expected.slice(0, 2));
  // at 10:00:02.5: a/1, b/1 and c/1
  expect(await all(store, { at: { low: start + 2500, high: start + 2501 }, count: 2 })).toEqual(
    expected.slice(3),
  );
  expect(await all(store, { at: { low: start + 2500, high: start + 3500 } })).toEqual(expected.slice(2));
  expect(await all(store, { at: { low: start + 3000, high: start + 3001 }, type: 'Patient' })).toEqual([
    'Patient/a/2',
    'Patient/c/1',
  ]);
  await store.close();
});

test('what is written between two pages neither repeats nor hides what was there', async () => {
  const store = await filled(...writes);
  let i = 0;
  const seen = await all(store, { count: 1 }, () =>
    store.transaction((tx) =>
      tx.put({ resourceType: 'Patient', id: i % 2 === 0 ? 'a' : 'c', language: `x${i++}` }),
    ),
  );
  expect(seen).toEqual(expected);
  await store.close();
});

test('a cursor of another history is refused', async () => {
  const store = await filled(...writes);
  const { next = '' } = await store.changes({ count: 1 });
  await expect(store.changes({ count: 1, type: 'Patient', cursor: next })).rejects.toMatchObject({
    status: 400,
  });
  await expect(store.changes({ count: 1, cursor: `${next}x` })).rejects.toMatchObject({ status: 400 });
  await store.close();
});
