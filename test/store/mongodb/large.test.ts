import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Binary } from '@medplum/fhirtypes';
import { openStore } from '../../../src/store/openStore.ts';
import type { Store } from '../../../src/store/store.ts';
import { emptyDatabase } from '../../mongodb/database.ts';

let store: Store;
beforeAll(async () => {
  store = await openStore(await emptyDatabase('large'), { now: () => new Date().toISOString() });
});
afterAll(() => store.close());

const binary = (id: string, data: string): Binary & { id: string } => ({
  resourceType: 'Binary',
  id,
  contentType: 'text/plain',
  data,
});
const write = (resource: Binary & { id: string }) => store.transaction((tx) => tx.put(resource));
const dataOf = (json: Uint8Array | undefined): string | undefined =>
  json && (JSON.parse(new TextDecoder().decode(json)) as Binary).data;

test('a resource larger than a document of MongoDB is read back equal, former versions too', async () => {
  const [first, second] = ['QUFB'.repeat(5_000_000), 'QkJC'.repeat(5_000_000)];
  await write(binary('a', first));
  await write(binary('a', second));
  expect(dataOf((await store.read('Binary', 'a'))?.json) === second).toBe(true);
  expect(dataOf((await store.vread('Binary', 'a', 1))?.json) === first).toBe(true);
});

test('what is too large even when it is packed is refused, and nothing of it stays', async () => {
  const noise = randomBytes(18_000_000).toString('base64');
  await expect(write(binary('b', noise))).rejects.toMatchObject({ status: 413 });
  expect(await store.read('Binary', 'b')).toBeUndefined();
});
