import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Provenance } from '@medplum/fhirtypes';
import { MongoClient } from 'mongodb';
import { openMongodb } from '../../../src/store/mongodb/connection/open.ts';
import { emptyDatabase } from '../../mongodb/database.ts';

const now = (): string => new Date().toISOString();
let url: string;
let client: MongoClient;

beforeEach(async () => {
  url = await emptyDatabase('members');
  client = await MongoClient.connect(url);
});
afterEach(() => client.close());

test('a Provenance of an earlier version belongs to the practice among its agents', async () => {
  const provenance = (reason: string): Provenance & { id: string } => ({
    resourceType: 'Provenance',
    id: 'p',
    recorded: '2026-01-01T00:00:00Z',
    target: [{ reference: 'Patient/a' }],
    reason: [{ text: reason }],
    agent: [{ who: { reference: 'Organization/o' } }],
  });
  const first = await openMongodb(url, { now });
  await first.keepMembers();
  for (const reason of ['one', 'two']) await first.transaction((tx) => tx.put(provenance(reason)));
  await first.close();
  const [resource, version] = ['resource', 'version'].map((name) =>
    client.db().collection<{ b?: string }>(name),
  );
  for (const collection of [resource, version])
    await collection?.updateMany({}, { $set: { b: ' Patient/a ' } });
  const setting = client.db().collection<{ _id: string; value: unknown }>('setting');
  await setting.replaceOne({ _id: 'members' }, { value: true }, { upsert: true });

  const store = await openMongodb(url, { now });
  await store.keepMembers();
  expect((await store.read('Provenance', 'p'))?.members?.trim().split(' ').sort()).toEqual([
    'Organization/o',
    'Patient/a',
  ]);
  expect((await store.vread('Provenance', 'p', 1))?.members).toBeUndefined(); // told by its content
  await store.close();
});
