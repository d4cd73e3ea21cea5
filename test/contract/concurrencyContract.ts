import { describe, expect, test } from '@jest/globals';
import type { Store, Stored } from '../../src/store/store.ts';
import { patient, put, text } from './storeContract.ts';

/** What many do to one resource at the same time. */
export function concurrencyContract(store: () => Store): void {
  describe('one resource at once', () => {
    test('of those who change one resource at once each writes a version of its own, and none is lost', async () => {
      await put(store(), patient('a'));
      const change = (i: number): Promise<Stored> =>
        store().transaction((tx) => tx.put(patient('a', { language: `x-${i}` })));
      const made = await Promise.all(Array.from({ length: 25 }, (_, i) => change(i)));
      expect(made.map(({ version }) => version).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 25 }, (_, i) => i + 2),
      );
      const history = await store().history('Patient', 'a', { count: 100 });
      expect(history.map(({ version }) => version)).toEqual(Array.from({ length: 26 }, (_, i) => 26 - i));
      for (const version of made)
        expect(text(await store().vread('Patient', 'a', version.version))).toBe(text(version));
      const { versions } = await store().changes({ count: 100 });
      expect(versions.map(({ version }) => version)).toEqual(history.map(({ version }) => version));
    });

    test('what many do to one resource at once, deletions too, leaves no hole', async () => {
      const act = (i: number): Promise<unknown> =>
        store().transaction(async (tx) => {
          if (i % 3 === 2) await tx.delete('Patient', 'a');
          else await tx.put(patient('a', { language: `x-${i}` }));
          expect(await tx.referrers('Patient', 'a', 1)).toEqual({ references: [], total: 0 });
        });
      await Promise.all(Array.from({ length: 24 }, (_, i) => act(i)));
      const current = (await store().read('Patient', 'a'))?.version ?? 0;
      expect(current).toBeGreaterThanOrEqual(16);
      const history = await store().history('Patient', 'a', { count: 100 });
      expect(history.map(({ version }) => version)).toEqual(
        Array.from({ length: current }, (_, i) => current - i),
      );
    });

    test('of many who make what has one id the first makes it, the others follow', async () => {
      const made = await Promise.all(
        Array.from({ length: 12 }, (_, i) =>
          store().transaction((tx) => tx.put(patient('a', { language: `x-${i % 3}` }))),
        ),
      );
      const last = Math.max(...made.map(({ version }) => version));
      const history = await store().history('Patient', 'a', { count: 100 });
      expect(history.map(({ version }) => version)).toEqual(Array.from({ length: last }, (_, i) => last - i));
      expect((await store().changes({ count: 100 })).versions.length).toBe(last);
    });
  });
}
