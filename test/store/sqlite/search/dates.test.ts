import { expect, test } from '@jest/globals';
import type { Goal } from '@medplum/fhirtypes';
import { parsePairs } from '../../../../src/search/parse.ts';
import { openStore } from '../../../../src/store/openStore.ts';
import type { Store } from '../../../../src/store/store.ts';

const goal = (id: string, ...dates: string[]): Goal & { id: string } => ({
  resourceType: 'Goal',
  id,
  lifecycleStatus: 'active',
  description: { text: 'walk' },
  subject: { reference: 'Patient/a' },
  target: dates.map((dueDate) => ({ dueDate })),
});
const found = async (store: Store, ...dates: string[]): Promise<string[]> =>
  (
    await store.search(
      parsePairs(
        'Goal',
        dates.map((date) => ['target-date', date] as const),
      ),
    )
  ).matches.map(({ id }) => id);

test.each([1, 2000])(
  'from a date on and up to another: one range while every resource has one date, then one date for each (%i rows are few)',
  async (few) => {
    const store = await openStore('sqlite::memory:', { now: () => new Date().toISOString(), few });
    await store.transaction(async (tx) => {
      for (let month = 1; month <= 12; month += 1)
        await tx.put(goal(`g${month}`, `2024-${String(month).padStart(2, '0')}-15`));
      await tx.put(goal('year', '2024'));
      await tx.put(goal('none'));
    });
    expect(await found(store, 'ge2024-03-01', 'lt2024-05-01')).toEqual(['g3', 'g4', 'year']);
    expect(await found(store, 'ge2024-03', 'le2024-04')).toEqual(['g3', 'g4', 'year']);
    expect(await found(store, 'gt2024-11-15', 'sa2024-11-20')).toEqual(['g12']);
    const steps = async (): Promise<number> =>
      (
        await store.explain(
          parsePairs('Goal', [
            ['target-date', 'ge2024-03'],
            ['target-date', 'lt2024-05'],
          ]),
        )
      ).steps.filter(({ what }) => what.includes('EXISTS (SELECT 1 FROM date')).length;
    if (few > 1) expect(await steps()).toBe(0);
    // the date of an update counts with those that stay
    await store.transaction((tx) => tx.put(goal('g1', '2024-01-15', '2024-12-24')));
    expect(await found(store, 'ge2024-11-01', 'lt2024-02-01')).toEqual(['g1', 'year']);
    expect(await found(store, 'ge2024-03-01', 'lt2024-05-01')).toEqual(['g1', 'g3', 'g4', 'year']);
    await store.close();
  },
);
