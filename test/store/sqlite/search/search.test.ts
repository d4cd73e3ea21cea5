import { expect, test } from '@jest/globals';
import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { parsePairs } from '../../../../src/search/parse.ts';
import { openStore } from '../../../../src/store/openStore.ts';
import type { SearchPage, Store } from '../../../../src/store/store.ts';

const open = (): Promise<Store> => openStore('sqlite::memory:', { now: () => new Date().toISOString() });
const search = (store: Store, type: ResourceType, ...pairs: [string, string][]): Promise<SearchPage> =>
  store.search(parsePairs(type, pairs));
const put = (store: Store, ...resources: (Resource & { id: string })[]): Promise<void> =>
  store.transaction(async (tx) => {
    for (const resource of resources) await tx.put(resource, { fresh: true });
  });
const location = (id: string, partOf?: string): Resource & { id: string } => ({
  resourceType: 'Location',
  id,
  ...(partOf === undefined ? {} : { partOf: { reference: `Location/${partOf}` } }),
});

test('_include:iterate follows a circle once, and _revinclude=* finds whoever refers', async () => {
  const store = await open();
  await put(store, location('a', 'b'), location('b', 'c'), location('c', 'a'), location('d'));
  const ids = (page: SearchPage): string[] => page.included.map(({ id }) => id);
  expect(ids(await search(store, 'Location', ['_id', 'a'], ['_include', 'Location:partof']))).toEqual(['b']);
  const circle = await search(store, 'Location', ['_id', 'a'], ['_include:iterate', 'Location:partof']);
  expect(ids(circle)).toEqual(['b', 'c']);
  await put(store, {
    resourceType: 'Observation',
    id: 'o',
    status: 'final',
    code: {},
    subject: { reference: 'Location/d' },
  });
  const whoever = await search(store, 'Location', ['_id', 'd'], ['_revinclude', '*']);
  expect(whoever.included.map(({ type, id }) => `${type}/${id}`)).toEqual(['Observation/o']);
  await store.close();
});

test('sorted by a token, many rows come in order, page by page, those without one last', async () => {
  const store = await open();
  const statuses = ['finished', 'planned', undefined, 'arrived'];
  await put(
    store,
    ...Array.from({ length: 2500 }, (_, i) => {
      const status = statuses[i % 4];
      return {
        resourceType: 'Encounter',
        id: `e${i}`,
        class: {},
        ...(status === undefined ? {} : { status }),
      } as Resource & {
        id: string;
      };
    }),
  );
  for (const [sort, order] of [
    ['status', ['arrived', 'finished', 'planned', undefined]],
    ['-status', ['planned', 'finished', 'arrived', undefined]],
  ] as const) {
    const expected = order.flatMap((status) =>
      Array.from({ length: 2500 }, (_, i) => i)
        .filter((i) => statuses[i % 4] === status)
        .map((i) => `e${i}`),
    );
    const found: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await store.search({
        ...parsePairs('Encounter', [
          ['_sort', sort],
          ['_count', '400'],
        ]),
        ...(cursor === undefined ? {} : { cursor }),
      });
      found.push(...page.matches.map(({ id }) => id));
      cursor = page.next;
      if (cursor === undefined) break;
    }
    expect(found).toEqual(expected);
  }
  await store.close();
});

test('words are found from the moment they are written, also inside a transaction that is taken back', async () => {
  const store = await open();
  const basic = (id: string, text: string): Resource & { id: string } => ({
    resourceType: 'Basic',
    id,
    code: { text },
  });
  const ids = async (word: string): Promise<string[]> =>
    (await search(store, 'Basic', ['_content', word])).matches.map(({ id }) => id);
  await put(store, ...Array.from({ length: 450 }, (_, i) => basic(`b${i}`, i === 333 ? 'needle' : 'hay')));
  expect(await ids('needle')).toEqual(['b333']);
  const work = store.transaction(async (tx) => {
    await tx.put(basic('b1', 'needle'));
    const inside = await tx.search(parsePairs('Basic', [['_content', 'needle']]));
    expect(inside.matches.map(({ id }) => id)).toEqual(['b1', 'b333']);
    throw new Error('taken back');
  });
  await expect(work).rejects.toThrow('taken back');
  expect(await ids('needle')).toEqual(['b333']);
  await store.transaction((tx) => tx.put(basic('b333', 'hay again')));
  await store.transaction((tx) => tx.delete('Basic', 'b2'));
  expect(await ids('needle')).toEqual([]);
  expect((await ids('again')).length).toBe(1);
  await store.close();
});

test('a total follows every write; an estimate of few is exact, of many near', async () => {
  const store = await open();
  const total = async (...pairs: [string, string][]): Promise<number | undefined> =>
    (await search(store, 'Basic', ...pairs, ['_count', '0'])).total;
  const basic = (i: number, code: string): Resource & { id: string } => ({
    resourceType: 'Basic',
    id: `b${i}`,
    code: { coding: [{ code }] },
  });
  await put(store, ...Array.from({ length: 9000 }, (_, i) => basic(i, i % 3 === 0 ? 'x' : 'y')));
  expect([await total(), await total(['code', 'x']), await total(['code', 'x'])]).toEqual([9000, 3000, 3000]);
  await store.transaction((tx) => tx.put(basic(0, 'y')));
  await store.transaction((tx) => tx.delete('Basic', 'b3'));
  expect([await total(), await total(['code', 'x'])]).toEqual([8999, 2998]);
  const failed = store.transaction(async (tx) => {
    await tx.delete('Basic', 'b6');
    expect((await tx.search({ ...parsePairs('Basic', []), count: 0 })).total).toBe(8998);
    throw new Error('taken back');
  });
  await expect(failed).rejects.toThrow('taken back');
  expect(await total()).toBe(8999);
  const estimate = async (...pairs: [string, string][]): Promise<number> =>
    (await search(store, 'Basic', ...pairs, ['_total', 'estimate'], ['_count', '1'])).total ?? NaN;
  expect(await estimate(['_id', 'b1,b2,b3'])).toBe(2);
  expect(await estimate()).toBe(8999);
  expect(Math.abs((await estimate(['code:not', 'x'])) / 6001 - 1)).toBeLessThan(0.1);
  await store.close();
});

test('a plan names the statements and the indexes they use', async () => {
  const store = await open();
  await put(store, location('a', 'b'), location('b'));
  const { store: which, steps } = await store.explain(
    parsePairs('Location', [
      ['partof.name', 'x'],
      ['_lastUpdated', 'gt2020'],
    ]),
  );
  expect(which).toBe('sqlite');
  expect(steps.length).toBeGreaterThan(0);
  expect(steps.every(({ plan }) => plan !== '')).toBe(true);
  expect(steps.flatMap(({ index }) => index?.split(', ') ?? [])).toContain('string_folded');
  await store.close();
});

test('what begins with a text is read in order of creation, page by page, however it goes on', async () => {
  const store = await openStore('sqlite::memory:', { now: () => new Date().toISOString(), few: 3 });
  const families = ['Nguyen', 'nguyen', 'Nguyenson', 'Smith', 'NGUYENA'];
  await put(
    store,
    ...Array.from({ length: 60 }, (_, i) => ({
      resourceType: 'Patient' as const,
      id: `p${i}`,
      gender: i % 2 === 0 ? ('male' as const) : ('female' as const),
      name: [{ family: families[i % 5] ?? '' }, { family: i % 7 === 0 ? 'Nguyeni' : 'Other' }],
    })),
  );
  const expected = Array.from({ length: 60 }, (_, i) => i)
    .filter((i) => i % 2 === 0 && (i % 5 !== 3 || i % 7 === 0))
    .map((i) => `p${i}`);
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const query = parsePairs('Patient', [
      ['family', 'nguyen'],
      ['gender', 'male'],
      ['_count', '4'],
    ]);
    const { matches, next } = await store.search({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...matches.map(({ id }) => id));
    cursor = next;
  } while (cursor !== undefined);
  expect(found).toEqual(expected);
  await store.close();
});
