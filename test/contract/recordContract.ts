import { describe, expect, test } from '@jest/globals';
import { confinement } from '../../src/store/access/access.ts';
import type { KeptRecord } from '../../src/store/record.ts';
import type { Store } from '../../src/store/store.ts';

const record = (key: string, more: Partial<KeptRecord> = {}): KeptRecord => ({
  kind: 'client',
  key,
  value: '{"$set":1}',
  ...more,
});

/** What the authorization server may rely on. `pass` lets time go by. */
export function recordContract(store: () => Store, now: () => string, pass: (ms: number) => void): void {
  const records = () => store().records;
  const keys = async (kind: string, query = {}): Promise<string[]> =>
    (await records().list(kind, { count: 10, ...query })).map(({ key }) => key);

  describe('records', () => {
    test('what is kept is found under its kind and key, and replaced as a whole', async () => {
      await records().keep(record('a', { grant: 'g' }));
      expect(await records().find('client', 'a')).toEqual(record('a', { grant: 'g' }));
      expect(await records().find('grant', 'a')).toBeUndefined();
      await records().keep(record('a', { value: '{}' }));
      expect(await records().find('client', 'a')).toEqual(record('a', { value: '{}' }));
      expect(await records().remove('client', 'a')).toBe(true);
      expect(await records().remove('client', 'a')).toBe(false);
      expect(await records().find('client', 'a')).toBeUndefined();
    });

    test('of many who add one key at once one succeeds', async () => {
      const added = await Promise.all(
        Array.from({ length: 12 }, (_, i) => records().add(record('a', { value: String(i) }))),
      );
      expect(added.filter(Boolean)).toHaveLength(1);
      expect((await records().find('client', 'a'))?.value).toBe(String(added.indexOf(true)));
    });

    test('of those that are gathered one of a key that is there goes behind it, and all are found in one question', async () => {
      await records().gather('table|1', [
        { key: 'A', value: '[1]' },
        { key: 'B', value: '["$x"]' },
      ]);
      await records().gather('table|1', [
        { key: 'C', value: '[3]' },
        { key: 'A', value: '[{"a":"é]"}]' },
      ]);
      await records().gather('table|2', [{ key: 'A', value: '[9]' }]);
      const asked = ['A', 'B', 'D'].map((key) => ({ kind: 'table|1', key }));
      const found = await store().gathered([...asked, { kind: 'table|2', key: 'A' }]);
      expect(found.map(({ kind, key, value }) => [kind, key, JSON.parse(value)] as const).sort()).toEqual([
        ['table|1', 'A', [1, { a: 'é]' }]],
        ['table|1', 'B', ['$x']],
        ['table|2', 'A', [9]],
      ]);
      expect(await store().transaction((tx) => tx.gathered(asked))).toHaveLength(2);
    });

    test('kinds are told by their prefix, and removed some at a time', async () => {
      for (const kind of ['table|1', 'table|2', 'tablet'])
        await records().gather(
          kind,
          Array.from({ length: 5 }, (_, i) => ({ key: String(i), value: '[]' })),
        );
      expect(await records().kinds('table|')).toEqual(['table|1', 'table|2']);
      expect(await records().removeSome('table|1', 3)).toBe(3);
      expect(await records().removeSome('table|1', 3)).toBe(2);
      expect(await records().removeSome('table|1', 3)).toBe(0);
      expect(await records().kinds('table|')).toEqual(['table|2']);
      expect(await records().kinds('nothing')).toEqual([]);
    });

    test('of many who replace one value at once one succeeds', async () => {
      await records().add(record('a', { value: '0' }));
      const replaced = await Promise.all(
        Array.from({ length: 12 }, () => records().replace(record('a', { value: '1' }), '0')),
      );
      expect(replaced.filter(Boolean)).toHaveLength(1);
      expect(await records().replace(record('b'), '0')).toBe(false);
      expect(await records().find('client', 'b')).toBeUndefined();
    });

    test('what has expired does not exist, and its key is free', async () => {
      await records().add(record('a', { expires: Date.parse(now()) + 1000 }));
      expect(await keys('client')).toEqual(['a']);
      pass(1000);
      expect(await records().find('client', 'a')).toBeUndefined();
      expect(await keys('client')).toEqual([]);
      expect(await records().replace(record('a'), '{"$set":1}')).toBe(false);
      expect(await records().remove('client', 'a')).toBe(false);
      expect(await records().add(record('a', { value: '{}' }))).toBe(true);
      expect(await records().find('client', 'a')).toEqual(record('a', { value: '{}' }));
    });

    test('a grant goes with everything that was given under it', async () => {
      await records().keep(record('a', { grant: 'g' }));
      await records().keep(record('b', { kind: 'token', grant: 'g' }));
      await records().keep(record('c', { grant: 'h' }));
      await records().keep(record('d'));
      expect(await records().removeGrant('g')).toBe(2);
      expect(await records().removeGrant('g')).toBe(0);
      expect(await keys('client')).toEqual(['c', 'd']);
      expect(await keys('token')).toEqual([]);
    });

    test('a list is in order of the keys, in pages, and of a prefix', async () => {
      for (const key of ['b|2', 'a|1', 'b|1', 'b', 'é|1', 'c|1', 'b|10']) await records().keep(record(key));
      await records().keep(record('b|3', { kind: 'token' }));
      expect(await keys('client')).toEqual(['a|1', 'b', 'b|1', 'b|10', 'b|2', 'c|1', 'é|1']);
      expect(await keys('client', { count: 2, after: 'b' })).toEqual(['b|1', 'b|10']);
      expect(await keys('client', { prefix: 'b|' })).toEqual(['b|1', 'b|10', 'b|2']);
      expect(await keys('client', { prefix: 'b|', after: 'b|1' })).toEqual(['b|10', 'b|2']);
      expect(await keys('client', { prefix: 'b|', after: 'b|2' })).toEqual([]);
    });

    test('records do not make a store one that holds resources, and no principal reaches them', async () => {
      await records().keep(record('a'));
      expect(await store().empty()).toBe(true);
      const confined = store().as(confinement({ types: { Patient: { see: 'open' } } }));
      expect(() => confined.records).toThrow(/see everything/);
      await expect(confined.gathered([{ kind: 'client', key: 'a' }])).rejects.toThrow(/see everything/);
    });

    test('records are copied with the rest, but for those that have expired', async () => {
      const at = Date.parse(now());
      const all = ['a', 'b', 'c'].flatMap((key) => [record(key), record(key, { kind: 'token', grant: 'g' })]);
      for (const one of all) await records().keep(one);
      await records().keep(record('old', { expires: at }));
      const found: KeptRecord[] = [];
      for (let after: string | undefined; ;) {
        const page = await store().copying.pieces({ after, count: 2, at });
        for (const piece of page.pieces) if (piece.kind === 'record') found.push(piece.record);
        after = page.next;
        if (after === undefined) break;
      }
      const order = [...all].sort((a, b) => (a.kind + a.key < b.kind + b.key ? -1 : 1));
      expect(found).toEqual(order);
    });
  });
}
