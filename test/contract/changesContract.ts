import { describe, expect, test } from '@jest/globals';
import { parsePairs } from '../../src/search/parse.ts';
import type { HistoryQuery, Store } from '../../src/store/store.ts';
import { patient, put } from './storeContract.ts';

/** Every page of a history as Type/id/version. */
async function walk(store: Store, query: HistoryQuery): Promise<string[]> {
  const found: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await store.changes({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    expect(page.versions.length).toBeLessThanOrEqual(query.count);
    found.push(...page.versions.map((v) => `${v.type}/${v.id}/${v.version}`));
    cursor = page.next;
    if (cursor === undefined) return found;
  }
}

/** History of a type and of all, and what a time asks of it. */
export function changesContract(store: () => Store, later: (ms: number) => void): void {
  const begin = Date.parse('2025-03-01T10:00:00.000Z');

  /** A second between each: a is made, b is made, a changes, Basic/c is made, a is deleted, b changes. */
  async function written(): Promise<void> {
    const steps: (() => Promise<unknown>)[] = [
      () => put(store(), patient('a')),
      () => put(store(), patient('b')),
      () => put(store(), patient('a', { active: true })),
      () => put(store(), { resourceType: 'Basic', id: 'c', code: {} }),
      () => store().transaction((tx) => tx.delete('Patient', 'a')),
      () => put(store(), patient('b', { active: true })),
    ];
    for (const step of steps) {
      await step();
      later(1000);
    }
  }
  const all = ['Patient/b/2', 'Patient/a/3', 'Basic/c/1', 'Patient/a/2', 'Patient/b/1', 'Patient/a/1'];
  const ofPatients = all.filter((one) => one.startsWith('Patient'));

  describe('history of types and of all', () => {
    test.each([1, 2, 3, 10])('every version once, newest first, in pages of %d', async (count) => {
      await written();
      expect(await walk(store(), { count })).toEqual(all);
      expect(await walk(store(), { type: 'Patient', count })).toEqual(ofPatients);
      expect(await walk(store(), { type: 'Claim', count })).toEqual([]);
    });

    test('_since takes what was written at that moment or later', async () => {
      await written();
      expect(await walk(store(), { since: begin + 3000, count: 2 })).toEqual(all.slice(0, 3));
      expect(await walk(store(), { type: 'Patient', since: begin + 3000, count: 2 })).toEqual(
        all.slice(0, 2),
      );
    });

    test('_at takes what was current at some moment of the stretch', async () => {
      await written();
      const at = (from: number, to: number): HistoryQuery => ({
        at: { low: begin + from, high: begin + to },
        count: 2,
      });
      expect(await walk(store(), at(1500, 1501))).toEqual(['Patient/b/1', 'Patient/a/1']);
      expect(await walk(store(), at(1500, 2500))).toEqual(['Patient/a/2', 'Patient/b/1', 'Patient/a/1']);
      expect(await walk(store(), at(-10, 0))).toEqual([]);
      expect(await walk(store(), { ...at(2000, 2001), type: 'Patient' })).toEqual([
        'Patient/a/2',
        'Patient/b/1',
      ]);
    });

    test('a version that becomes an old one between two pages is neither missed nor repeated', async () => {
      await written();
      const first = await store().changes({ count: 2 });
      await put(store(), { resourceType: 'Basic', id: 'c', code: { text: 'changed' } });
      await put(store(), patient('a'));
      const rest = await walk(store(), { count: 2, cursor: first.next ?? '' });
      expect(rest).toEqual(all.slice(2));
    });

    test('a transaction sees what it wrote itself', async () => {
      await written();
      await store().transaction(async (tx) => {
        await tx.put(patient('b', { active: false }));
        const page = await tx.changes({ type: 'Patient', count: 2 });
        expect(page.versions.map(({ id, version }) => [id, version])).toEqual([
          ['b', 3],
          ['b', 2],
        ]);
      });
    });

    test('a cursor of another history is refused', async () => {
      await written();
      const { next = '' } = await store().changes({ count: 2 });
      for (const query of [
        { type: 'Patient' as const, count: 2, cursor: next },
        { since: 0, count: 2, cursor: next },
        { count: 2, cursor: `${next}x` },
      ])
        await expect(store().changes(query)).rejects.toMatchObject({ status: 400 });
      const { next: ofSearch = '' } = await store().search(parsePairs('Patient', [['_count', '0']]));
      await expect(store().changes({ count: 2, cursor: ofSearch || 'none' })).rejects.toMatchObject({
        status: 400,
      });
    });
  });
}
