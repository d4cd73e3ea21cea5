import { describe, expect, test } from '@jest/globals';
import { move } from '../../src/command/move.ts';
import { startSweep } from '../../src/operation/sweep/chartSweep.ts';
import { openStore } from '../../src/store/openStore.ts';
import type { Store } from '../../src/store/store.ts';
import { emptyDatabase } from '../mongodb/database.ts';

const now = (): string => new Date().toISOString();
const sqlite = (): Promise<Store> => openStore('sqlite::memory:', { now });
const mongodb = async (): Promise<Store> => openStore(await emptyDatabase('move_served'), { now });

describe.each([
  ['sqlite → mongodb', sqlite, mongodb],
  ['mongodb → sqlite', mongodb, sqlite],
])('npm run move, %s', (_way, openFrom, openTo) => {
  const between = async (work: (from: Store, to: Store) => Promise<void>): Promise<void> => {
    const [from, to] = [await openFrom(), await openTo()];
    try {
      await from.transaction((tx) => tx.put({ resourceType: 'Basic', id: 'one', code: { text: 'x' } }));
      await work(from, to);
    } finally {
      await from.close();
      await to.close();
    }
  };
  const sweepOf = (store: Store) => store.jobs.read('chart-sweep');

  test('1.3 a target that a server was started on, and holds its sweep only, counts as empty', () =>
    between(async (from, to) => {
      await startSweep(to, now());
      expect((await move(from, to, () => undefined)).resources).toBe(1);
      expect(await sweepOf(to)).toBeUndefined();
    }));

  test('1.3 the sweep goes on from where it was in the store that is moved', () =>
    between(async (from, to) => {
      await startSweep(from, '2026-01-01T00:00:00Z');
      await startSweep(to, now());
      await move(from, to, () => undefined);
      expect((await sweepOf(to))?.due).toBe(Date.parse('2026-01-01T00:00:00Z'));
    }));

  test('1.3 neighbour: a target with any other job is refused, and keeps what it has', () =>
    between(async (from, to) => {
      await startSweep(to, now());
      const other = { key: 'submission|Claim/1', kind: 'claim-submission', payload: '{}', due: 0 };
      await to.transaction((tx) => tx.jobs.enqueue(other));
      await expect(move(from, to, () => undefined)).rejects.toThrow('holds something already');
      expect([await sweepOf(to), await to.jobs.read(other.key)]).not.toContain(undefined);
    }));
});
