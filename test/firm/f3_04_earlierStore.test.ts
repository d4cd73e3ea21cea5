import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import type { Patient } from '@medplum/fhirtypes';
import { MongoClient } from 'mongodb';
import { parsePairs } from '../../src/search/parse.ts';
import { openStore } from '../../src/store/openStore.ts';
import type { Store } from '../../src/store/store.ts';
import { emptyDatabase } from '../mongodb/database.ts';
import { known } from './searching.ts';

const now = (): string => new Date().toISOString();
const brien = known<Patient>({
  resourceType: 'Patient',
  id: 'brien',
  name: [{ family: "O'Brien" }],
  telecom: [{ system: 'email', value: 'Pat@Example.org' }],
});
const found = async (store: Store, name: string, value: string): Promise<string[]> =>
  (await store.search(parsePairs('Patient', [[name, value]], { registry: store.registry }))).matches.map(
    ({ id }) => id,
  );

/** A store whose entries are as before is read at once, refuses part of an answer, and finds when all is made anew. */
async function isBroughtUp(url: string, makeOld: () => Promise<void> | void): Promise<void> {
  const first = await openStore(url, { now });
  await first.transaction((tx) => tx.put(structuredClone(brien), { fresh: true }));
  await first.buildIndex();
  await first.close();
  await makeOld();
  const store = await openStore(url, { now });
  const built = store.buildIndex();
  const early = found(store, 'family', 'obrien').catch((error: unknown) => error);
  expect((await store.read('Patient', 'brien'))?.deleted).toBe(false);
  const answer = await early;
  if (!Array.isArray(answer)) expect(answer).toMatchObject({ status: 400 });
  else expect(answer).toEqual(['brien']);
  await built;
  expect(await found(store, 'family', 'obrien')).toEqual(['brien']);
  expect(await found(store, 'email', 'pat@example.org')).toEqual(['brien']);
  expect(await found(store, 'family:exact', "O'Brien")).toEqual(['brien']);
  await store.close();
}

test('3.4 neighbour: a SQLite store of an earlier version is brought up to date while it is read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'earlier-'));
  const file = join(folder, 'store.db');
  try {
    await isBroughtUp(`sqlite:${file}`, () => {
      const database = new DatabaseSync(file);
      database.exec(
        "UPDATE parameter SET expression = replace(expression, 'string without punctuation', 'string')",
      );
      database.exec("UPDATE parameter SET expression = replace(expression, 'token in lower case', 'token')");
      database.exec('UPDATE string SET folded = lower(exact)');
      database.exec("UPDATE token SET code = 'Pat@Example.org' WHERE code = 'pat@example.org'");
      database.close();
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('3.4 neighbour: a MongoDB store of an earlier version is brought up to date while it is read', async () => {
  const url = await emptyDatabase('firm304earlier');
  await isBroughtUp(url, async () => {
    const client = await MongoClient.connect(url);
    const settings = client.db().collection<{ _id: string; value: Record<string, string> }>('setting');
    const { value = {} } = (await settings.findOne({ _id: 'parameters' })) ?? {};
    const old = Object.entries(value).map(([name, text]) => [
      name,
      text.replace('string without punctuation', 'string').replace('token in lower case', 'token'),
    ]);
    await settings.updateOne(
      { _id: 'parameters' },
      { $set: { value: Object.fromEntries(old) as Record<string, string> } },
    );
    await client
      .db()
      .collection('resource')
      .updateMany({}, [
        {
          $set: {
            s: { $map: { input: '$s', in: { $mergeObjects: ['$$this', { f: { $toLower: '$$this.e' } }] } } },
          },
        },
      ]);
    await client.close();
  });
});
