import { describe, expect, test } from '@jest/globals';
import type { SearchParameter } from '../../src/search/query.ts';
import { parsePairs } from '../../src/search/parse.ts';
import { Registry } from '../../src/search/registry.ts';
import type { Store } from '../../src/store/store.ts';
import { patient, put, type Open } from './storeContract.ts';

const nickname: SearchParameter = {
  type: 'Patient',
  code: 'nickname',
  kind: 'string',
  expression: "Patient.name.where(use = 'nickname').given",
};

/** Search parameters that come after the resources. */
export function indexContract(open: Open): void {
  const called = (id: string, given: string): ReturnType<typeof patient> =>
    patient(id, {
      name: [
        { use: 'nickname', given: [given] },
        { use: 'official', given: ['Other'] },
      ],
    });
  const now = (): string => new Date().toISOString();
  const find = async (store: Store, registry: Registry, value: string): Promise<string[]> => {
    const query = parsePairs('Patient', [['nickname', value]], { registry });
    return (await store.search(query)).matches.map(({ id }) => id);
  };

  describe('an index that is built later', () => {
    test('finds what was there before, what is written meanwhile and afterwards, and says how far it is', async () => {
      const registry = new Registry();
      const store = await open(now, registry);
      try {
        await put(store, ...Array.from({ length: 30 }, (_, i) => called(`p${i}`, i % 2 === 0 ? 'Bo' : 'Al')));
        expect(registry.define(nickname)).toBe(true);
        const built = store.buildIndex();
        await put(store, called('during', 'Bo'), called('p1', 'Bo'));
        await built;
        expect(await store.building()).toEqual([]);
        await put(store, called('after', 'Bo'));
        const found = await find(store, registry, 'bo');
        const even = Array.from({ length: 15 }, (_, i) => `p${i * 2}`);
        expect(found.sort()).toEqual([...even, 'during', 'after', 'p1'].sort());
      } finally {
        await store.close();
      }
    });

    test('changes with its expression', async () => {
      const registry = new Registry();
      const store = await open(now, registry);
      try {
        registry.define(nickname);
        await put(store, called('a', 'Bo'));
        await store.buildIndex();
        registry.define({ ...nickname, expression: "Patient.name.where(use = 'official').given" });
        await store.buildIndex();
        expect([await find(store, registry, 'bo'), await find(store, registry, 'other')]).toEqual([
          [],
          ['a'],
        ]);
      } finally {
        await store.close();
      }
    });
  });
}
