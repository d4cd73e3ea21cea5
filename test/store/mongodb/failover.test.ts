import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Observation } from '@medplum/fhirtypes';
import { FhirError } from '../../../src/outcome/fhirError.ts';
import { parsePairs } from '../../../src/search/parse.ts';
import { openStore } from '../../../src/store/openStore.ts';
import type { Store } from '../../../src/store/store.ts';
import { resourceOf } from '../../../src/store/version.ts';
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
const fresh = { fresh: true } as const;

test('the primary is killed under load: nothing acknowledged is lost, the rest is done again or told to come back', async () => {
  const acknowledged: string[] = [];
  const alone = loneWrites();
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
        await alone(id);
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
      expect({ id, basic: basic?.version }).toEqual({ id, basic: 1 });
      expect(patient?.version ?? 0).toBeGreaterThanOrEqual(1);
      expect(await store.holder(`key|${id}`)).toBe(`Patient/${id}`);
    }
  };
  await check();
  await alone.check();
  await set.whole(); // the one that was killed has caught up
  await set.killPrimary();
  await check();
  await alone.check();
}, 300_000);

/** Creates, updates and deletes, each of one resource in a transaction of its own, and what must be there of them. */
function loneWrites(): { (id: string): Promise<void>; check(): Promise<void> } {
  const made = new Map<string, string>(); // a text that only one create had → its id
  const versions = new Map<string, number>();
  let count = 0;
  const write = async (id: string): Promise<void> => {
    const note = `${id} noted`;
    const { id: noted } = await store.transaction((tx) =>
      tx.put(
        { resourceType: 'Observation', id: `n${++count}`, status: 'final', code: { text: note } },
        fresh,
      ),
    );
    made.set(note, noted);
    for (const active of [false, true]) {
      const { version } = await store.transaction((tx) => tx.put({ resourceType: 'Patient', id, active }));
      versions.set(id, version);
    }
    if (count % 3 > 0) return;
    const deleted = await store.transaction((tx) => tx.delete('Observation', noted));
    if (deleted) made.delete(note);
  };
  const check = async (): Promise<void> => {
    const found = new Map<string, string>();
    for (let cursor: string | undefined; ;) {
      const pairs: [string, string][] = [['_count', '500']];
      const page = await store.search(
        parsePairs('Observation', cursor === undefined ? pairs : [...pairs, ['_cursor', cursor]]),
      );
      for (const match of page.matches) {
        const { text = '' } = (resourceOf(match) as Observation).code;
        expect({ text, twice: found.has(text) }).toEqual({ text, twice: false });
        found.set(text, match.id);
      }
      cursor = page.next;
      if (cursor === undefined) break;
    }
    for (const [note, id] of made) expect([note, found.get(note)]).toEqual([note, id]);
    for (const [id, version] of versions) {
      const history = await store.history('Patient', id, { count: 20 });
      expect(history[0]?.version).toBeGreaterThanOrEqual(version);
      expect(history.map((one) => one.version)).toEqual(history.map((_, i) => history.length - i));
    }
  };
  return Object.assign(write, { check });
}

test('what is asked while no server answers gets 503 and when to come back', async () => {
  await set.end();
  const asked = store.read('Patient', 'w0-0');
  await expect(asked).rejects.toMatchObject({ status: 503, headers: { 'Retry-After': '1' } });
  const written = store.transaction((tx) => tx.put({ resourceType: 'Patient', id: 'late' }));
  await expect(written).rejects.toMatchObject({ status: 503, headers: { 'Retry-After': '1' } });
}, 300_000);
