import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FhirError } from '../../../src/outcome/fhirError.ts';
import { openStore } from '../../../src/store/openStore.ts';
import type { Store } from '../../../src/store/store.ts';
import { withDatabase } from '../../mongodb/database.ts';
import { ownReplicaSet, type OwnReplicaSet } from '../../mongodb/ownReplicaSet.ts';

let set: OwnReplicaSet;
let store: Store;
beforeAll(async () => {
  set = await ownReplicaSet();
  store = await openStore(withDatabase(set.url, 'failover'), { now: () => new Date().toISOString() });
}, 300_000);
afterAll(async () => {
  await store.close();
  await set.end();
});

const writersMany = 8;
const afterwardsEach = 25;

test('the primary is killed under load: nothing acknowledged is lost, the rest is done again or told to come back', async () => {
  const acknowledged: string[] = [];
  const refused: unknown[] = [];
  let isKilled = false;
  const write = async (writer: number): Promise<void> => {
    let afterwards = 0;
    for (let n = 0; afterwards < afterwardsEach; n++) {
      const id = `w${writer}-${n}`;
      const wasKilled = isKilled;
      try {
        await store.transaction(async (tx) => {
          await tx.put({ resourceType: 'Patient', id, active: true }, { fresh: true });
          await tx.put({ resourceType: 'Basic', id, code: {}, subject: { reference: `Patient/${id}` } });
          await tx.reserve(`key|${id}`, `Patient/${id}`);
        });
        acknowledged.push(id);
        if (wasKilled) afterwards++;
      } catch (error) {
        refused.push(error);
      }
    }
  };
  const writers = Array.from({ length: writersMany }, (_, i) => write(i));
  while (acknowledged.length < 100) await new Promise((resolve) => setTimeout(resolve, 20));
  await set.killPrimary();
  isKilled = true;
  await Promise.all(writers);
  expect(acknowledged.length).toBeGreaterThanOrEqual(100 + writersMany * afterwardsEach);
  expect(refused.filter((error) => !(error instanceof FhirError && error.status === 503))).toEqual([]);

  const check = async (): Promise<void> => {
    for (const id of acknowledged) {
      const [patient, basic] = [await store.read('Patient', id), await store.read('Basic', id)];
      expect({ id, patient: patient?.version, basic: basic?.version }).toEqual({ id, patient: 1, basic: 1 });
      expect(await store.holder(`key|${id}`)).toBe(`Patient/${id}`);
    }
  };
  await check();
  await set.whole(); // the one that was killed has caught up
  await set.killPrimary();
  await check();
}, 300_000);

test('what is asked while no server answers gets 503 and when to come back', async () => {
  await set.end();
  const asked = store.read('Patient', 'w0-0');
  await expect(asked).rejects.toMatchObject({ status: 503, headers: { 'Retry-After': '1' } });
  const written = store.transaction((tx) => tx.put({ resourceType: 'Patient', id: 'late' }));
  await expect(written).rejects.toMatchObject({ status: 503, headers: { 'Retry-After': '1' } });
}, 300_000);
