import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { backup } from '../../src/command/backup.ts';
import { parsePairs } from '../../src/search/parse.ts';
import { openStore } from '../../src/store/openStore.ts';
import type { Store } from '../../src/store/store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claimwright-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});
const now = (): string => new Date().toISOString();

/** Writes a pair of resources, both or none, a number of times. */
const write = async (store: Store, from: number, count: number): Promise<void> => {
  for (let i = from; i < from + count; i++) {
    await store.transaction(async (tx) => {
      await tx.put({ resourceType: 'Patient', id: `p${i}`, gender: 'male' });
      await tx.put({
        resourceType: 'Basic',
        id: `b${i}`,
        code: { text: 'x'.repeat(500) },
        subject: { reference: `Patient/p${i}` },
      });
    });
  }
};

test('a copy taken while the store is written to is a valid store of one moment', async () => {
  const url = `sqlite:${join(folder, 'store.db')}`;
  const store = await openStore(url, { now });
  await write(store, 0, 300);
  const writing = write(store, 300, 300);
  await backup(url, join(folder, 'copy.db'));
  await writing;
  await store.close();

  const check = new DatabaseSync(join(folder, 'copy.db'));
  expect(check.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  check.close();
  const copy = await openStore(`sqlite:${join(folder, 'copy.db')}`, { now });
  const total = async (type: 'Patient' | 'Basic'): Promise<number> =>
    (await copy.search(parsePairs(type, [['_count', '0']]))).total ?? NaN;
  const [patients, basics] = [await total('Patient'), await total('Basic')];
  expect(patients).toBeGreaterThanOrEqual(300);
  expect(basics).toBe(patients);
  const [last] = (await copy.search(parsePairs('Basic', [['subject', `Patient/p${patients - 1}`]]))).matches;
  expect(last?.id).toBe(`b${patients - 1}`);
  await write(copy, 1000, 1);
  await copy.close();
});

test('a copy writes over nothing, and a store that is not there is not made', async () => {
  const url = `sqlite:${join(folder, 'store.db')}`;
  await expect(backup(url, join(folder, 'copy.db'))).rejects.toThrow('there is no store');
  expect(existsSync(join(folder, 'store.db'))).toBe(false);
  await (await openStore(url, { now })).close();
  await backup(url, join(folder, 'copy.db'));
  await expect(backup(url, join(folder, 'copy.db'))).rejects.toThrow('exists already');
  await expect(backup('sqlite::memory:', join(folder, 'other.db'))).rejects.toThrow(
    'only a store in a SQLite file',
  );
});
