import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { confinement } from '../../../src/store/access/access.ts';
import { openStore } from '../../../src/store/openStore.ts';
import type { Store } from '../../../src/store/store.ts';
import { minimal, put } from '../../contract/caseTable.ts';
import { emptyDatabase } from '../../mongodb/database.ts';

const folder = mkdtempSync(join(tmpdir(), 'claimwright-members-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const now = (): string => new Date().toISOString();
const access = confinement({
  patients: ['ann'],
  types: { Patient: { see: 'patient' }, Observation: { see: 'patient' } },
});
const about = (id: string, patient: string) =>
  minimal({
    resourceType: 'Observation',
    id,
    code: { text: 'x' },
    subject: { reference: `Patient/${patient}` },
  });

interface Kind {
  readonly name: string;
  readonly url: () => Promise<string>;
  /** Makes a store as the version before wrote it. */
  readonly age: (url: string) => Promise<void>;
  /** How many current resources, and former versions, have no members beside them. */
  readonly without: (url: string) => Promise<readonly [number, number]>;
}

const file = join(folder, 'store.db');
const count = (database: DatabaseSync, from: string): number =>
  Number(database.prepare(`SELECT count(*) AS n FROM ${from}`).get()?.['n']);
const kinds: readonly Kind[] = [
  {
    name: 'sqlite',
    url: () => Promise.resolve(`sqlite:${file}`),
    age: () => {
      const database = new DatabaseSync(file);
      database.exec(
        'UPDATE resource SET members = NULL; UPDATE version SET members = NULL; UPDATE type SET members = 0 ' +
          'WHERE EXISTS (SELECT 1 FROM resource WHERE resource.type = type.no)',
      );
      database.close();
      return Promise.resolve();
    },
    without: () => {
      const database = new DatabaseSync(file);
      const found = [
        count(database, 'resource WHERE method < 2 AND members IS NULL'),
        count(database, 'version WHERE members IS NULL'),
      ] as const;
      database.close();
      return Promise.resolve(found);
    },
  },
  {
    name: 'mongodb',
    url: () => emptyDatabase('members'),
    age: async (url) => {
      const client = await MongoClient.connect(url);
      await client
        .db()
        .collection('resource')
        .updateMany({}, { $unset: { b: '' } });
      await client
        .db()
        .collection('version')
        .updateMany({}, { $unset: { b: '' } });
      await client.db().collection<{ _id: string }>('setting').deleteOne({ _id: 'members' });
      await client.close();
    },
    without: async (url) => {
      const client = await MongoClient.connect(url);
      const lacking = { b: { $exists: false } };
      const found = [
        await client
          .db()
          .collection('resource')
          .countDocuments({ ...lacking, t: { $exists: true } }),
        await client.db().collection('version').countDocuments(lacking),
      ] as const;
      await client.close();
      return found;
    },
  },
];

async function expectRight(store: Store): Promise<void> {
  const confined = store.as(access);
  const seen = async (id: string): Promise<unknown> => (await confined.read('Observation', id))?.version;
  expect([await seen('o1'), await seen('o2'), await seen('o3')]).toEqual([1, undefined, undefined]);
  expect(await confined.read('Observation', 'gone')).toMatchObject({ deleted: true, version: 2 });
  expect(await confined.read('Observation', 'gone2')).toBeUndefined();
  const moved = await confined.history('Observation', 'o3', { count: 10 });
  expect(moved.map(({ version }) => version)).toEqual([1]);
  const { versions } = await confined.changes({ count: 100 });
  const names = versions.map(({ type, id, version }) => `${type}/${id}/${version}`).sort();
  expect(names).toEqual(
    [
      'Observation/gone/1',
      'Observation/gone/2',
      'Observation/o1/1',
      'Observation/o3/1',
      'Patient/ann/1',
    ].sort(),
  );
}

describe.each(kinds)('a store of an earlier version ($name)', ({ url: urlOf, age, without }) => {
  test('is right at once, and gets whom resources belong to in the background', async () => {
    const url = await urlOf();
    const first = await openStore(url, { now });
    await put(
      first,
      minimal({ resourceType: 'Patient', id: 'ann' }),
      minimal({ resourceType: 'Patient', id: 'bob' }),
    );
    await put(first, about('o1', 'ann'), about('o2', 'bob'), about('o3', 'ann'));
    await put(first, about('gone', 'ann'), about('gone2', 'bob'), about('o3', 'bob'));
    await first.transaction(async (tx) => {
      await tx.delete('Observation', 'gone');
      await tx.delete('Observation', 'gone2');
    });
    await first.close();
    expect(await without(url)).toEqual([0, 0]);
    await age(url);
    expect(await without(url)).toEqual([5, 3]);
    const second = await openStore(url, { now });
    await expectRight(second);
    await second.buildIndex();
    while ((await without(url))[0] > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await without(url)).toEqual([0, 3]); // former versions are judged by their content
    await expectRight(second);
    await second.close();
  });
});
