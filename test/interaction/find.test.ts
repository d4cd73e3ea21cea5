import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Condition } from '@medplum/fhirtypes';
import { find } from '../../src/interaction/repository.ts';
import type { Store } from '../../src/store/store.ts';
import { eachStore } from '../http/eachStore.ts';

const condition = (id: string, encounter: string): Condition & { id: string } => ({
  resourceType: 'Condition',
  id,
  subject: { reference: 'Patient/p' },
  encounter: { reference: `Encounter/${encounter}` },
});
const idsOf = (found: readonly Condition[]): string[] => found.map(({ id }) => id ?? '').sort();

describe.each(eachStore('find'))('find, %s', (_name, open) => {
  let store: Store;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.close());
  const of = (encounter: string | readonly string[]): Promise<Condition[]> =>
    find<Condition>(store, 'Condition', { encounter });

  test('the same search sees what was written, changed and taken back since', async () => {
    expect(await of('Encounter/1')).toEqual([]);
    await store.transaction((tx) => tx.put(condition('a', '1')));
    expect(idsOf(await of('Encounter/1'))).toEqual(['a']);
    const rolledBack = store.transaction(async (tx) => {
      await tx.put(condition('b', '1'));
      expect(idsOf(await find<Condition>(tx, 'Condition', { encounter: 'Encounter/1' }))).toEqual(['a', 'b']);
      throw new Error('taken back');
    });
    await expect(rolledBack).rejects.toThrow('taken back');
    expect(idsOf(await of('Encounter/1'))).toEqual(['a']);
    await store.transaction((tx) => tx.put(condition('a', '2')));
    expect(await of('Encounter/1')).toEqual([]);
    expect(idsOf(await of('Encounter/2'))).toEqual(['a']);
  });

  test('a parameter repeated and one with alternatives stay apart', async () => {
    await store.transaction((tx) => tx.put(condition('c', '3')));
    expect(idsOf(await of('Encounter/2,Encounter/3'))).toEqual(['a', 'c']);
    expect(await of(['Encounter/2', 'Encounter/3'])).toEqual([]);
  });
});
