import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Patient } from '@medplum/fhirtypes';
import type { SearchParameter } from '../../../../src/search/query.ts';
import { parsePairs } from '../../../../src/search/parse.ts';
import { Registry } from '../../../../src/search/registry.ts';
import { openStore } from '../../../../src/store/openStore.ts';
import type { Store } from '../../../../src/store/store.ts';

const now = (): string => new Date().toISOString();
const nickname = (expression: string): SearchParameter => ({
  type: 'Patient',
  code: 'nickname',
  kind: 'string',
  expression,
});
const byNickname = "Patient.name.where(use = 'nickname').given";

const patient = (i: number): Patient & { id: string } => ({
  resourceType: 'Patient',
  id: `p${i}`,
  name: [{ use: 'nickname', given: [`Nick${i}`] }, { given: [`Full${i}`] }],
});
const fill = (store: Store, count: number): Promise<void> =>
  store.transaction(async (tx) => {
    for (let i = 0; i < count; i += 1) await tx.put(patient(i), { fresh: true });
  });
const found = async (store: Store, registry: Registry, name: string): Promise<string[]> =>
  (await store.search(parsePairs('Patient', [['nickname', name]], { registry }))).matches.map(({ id }) => id);

test('a parameter that comes later is built while requests go on; until then a search says how far it is', async () => {
  const registry = new Registry();
  const store = await openStore('sqlite::memory:', { now, registry });
  await fill(store, 350);
  registry.define(nickname(byNickname));
  const built = store.buildIndex();
  await expect(found(store, registry, 'nick7')).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining('of 350 resources') as unknown,
  });
  const order: string[] = [];
  void built.then(() => order.push('built'));
  await store.transaction((tx) => tx.put({ ...patient(900), id: 'late' }));
  await store.transaction((tx) =>
    tx.put({ resourceType: 'Patient', id: 'p3', name: [{ given: ['Nobody'] }] }),
  );
  order.push('written');
  await store.transaction((tx) => tx.delete('Patient', 'p4'));
  await built;
  expect(order).toEqual(['written', 'built']);
  expect(await found(store, registry, 'nick349')).toEqual(['p349']);
  expect(await found(store, registry, 'nick900')).toEqual(['late']);
  expect([await found(store, registry, 'nick3'), await found(store, registry, 'full')]).toEqual([
    [
      ...Array.from({ length: 10 }, (_, i) => `p${30 + i}`),
      ...Array.from({ length: 50 }, (_, i) => `p${300 + i}`),
    ].slice(0, 50),
    [],
  ]);
  expect(await found(store, registry, 'nick4')).not.toContain('p4');
  await store.close();
});

test('a parameter that says something else, or is taken away, leaves nothing behind', async () => {
  const registry = new Registry();
  const store = await openStore('sqlite::memory:', { now, registry });
  await fill(store, 20);
  registry.define(nickname(byNickname));
  await store.buildIndex();
  registry.define(nickname("Patient.name.where(use = 'official').given"));
  await store.buildIndex();
  expect([await found(store, registry, 'nick1'), await found(store, registry, 'full7')]).toEqual([[], []]);
  registry.define(nickname('Patient.name.given'));
  await store.buildIndex();
  expect([await found(store, registry, 'nick7'), await found(store, registry, 'full7')]).toEqual([
    ['p7'],
    ['p7'],
  ]);
  registry.remove('Patient', 'nickname');
  await store.transaction((tx) => tx.put(patient(1000)));
  registry.define(nickname('Patient.name.given'));
  await store.buildIndex();
  expect(await found(store, registry, 'nick1000')).toEqual(['p1000']); // nobody kept its entries meanwhile
  await store.close();
});

test('building goes on after a restart where it was', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'claimwright-'));
  const url = `sqlite:${join(folder, 'store.db')}`;
  const open = async (): Promise<{ store: Store; registry: Registry }> => {
    const registry = new Registry();
    return { store: await openStore(url, { now, registry }), registry };
  };
  const first = await open();
  await fill(first.store, 450);
  first.registry.define(nickname(byNickname));
  const built = first.store.buildIndex();
  while ((await first.store.building()).every(({ done }) => done === 0))
    await new Promise((resolve) => setImmediate(resolve));
  await first.store.close();
  await built;
  const second = await open();
  second.registry.define(nickname(byNickname));
  const [progress] = await second.store.building();
  expect(progress?.total).toBe(450);
  expect(progress?.done).toBeGreaterThanOrEqual(100);
  expect(progress?.done).toBeLessThan(450);
  await second.store.buildIndex();
  expect(await found(second.store, second.registry, 'nick449')).toEqual(['p449']);
  expect(await found(second.store, second.registry, 'nick0')).toEqual(['p0']);
  await second.store.close();
  rmSync(folder, { recursive: true });
});
