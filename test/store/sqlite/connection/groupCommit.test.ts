import { expect, test } from '@jest/globals';
import type { Patient } from '@medplum/fhirtypes';
import { openStore } from '../../../../src/store/openStore.ts';

const now = (): string => new Date().toISOString();
const patient = (id: string): Patient & { id: string } => ({ resourceType: 'Patient', id });

/** Keeps the event loop busy. */
function busy(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

test('work that takes long is committed before the rest of the queue has had its turn, in order', async () => {
  const store = await openStore('sqlite::memory:', { now });
  const log: string[] = [];
  const work = (id: string): Promise<void> =>
    store
      .transaction(async (tx) => {
        log.push(`${id} runs`);
        await tx.put(patient(id));
        busy(40);
      })
      .then(() => void log.push(`${id} is answered`));
  await Promise.all([work('a'), work('b'), work('c')]);
  expect(log).toEqual(['a runs', 'a is answered', 'b runs', 'b is answered', 'c runs', 'c is answered']);
  await store.close();
});

test('quick work shares a commit: all of it runs before any is answered', async () => {
  const store = await openStore('sqlite::memory:', { now });
  await store.transaction((tx) => tx.put(patient('first'))); // the first write takes longer
  const threeAtOnce = async (): Promise<string> => {
    const log: string[] = [];
    const work = (id: string): Promise<void> =>
      store
        .transaction(async (tx) => {
          log.push('runs');
          await tx.put({ ...patient(id), active: log.length > 0 });
        })
        .then(() => void log.push('is answered'));
    await Promise.all([work('a'), work('b'), work('c')]);
    return log.join();
  };
  const logs = new Set<string>(); // a busy machine may make quick work slow, now and then
  for (let i = 0; i < 20; i += 1) logs.add(await threeAtOnce());
  expect(logs).toContain('runs,runs,runs,is answered,is answered,is answered');
  await store.close();
});

test('where commits turn out to be quick, work of two milliseconds waits for no other', async () => {
  const store = await openStore('sqlite::memory:', { now });
  for (let i = 0; i < 100; i += 1) await store.transaction((tx) => tx.put(patient(`p${String(i)}`)));
  const twoAtOnce = async (): Promise<string> => {
    const log: string[] = [];
    const work = (id: string): Promise<void> =>
      store
        .transaction(async (tx) => {
          log.push('runs');
          await tx.put({ ...patient(id), active: true });
          busy(2);
        })
        .then(() => void log.push('is answered'));
    await Promise.all([work('a'), work('b')]);
    return log.join();
  };
  const logs = new Set<string>(); // a busy machine may make a commit slow, now and then
  for (let i = 0; i < 20; i += 1) logs.add(await twoAtOnce());
  expect(logs).toContain('runs,is answered,runs,is answered');
  await store.close();
});

test('work that throws before it returns a promise is refused like any other', async () => {
  const store = await openStore('sqlite::memory:', { now });
  const thrown = store.transaction(() => {
    throw new RangeError('at once');
  });
  await expect(thrown).rejects.toThrow('at once');
  await expect(store.transaction((tx) => tx.put(patient('a')))).resolves.toMatchObject({ version: 1 });
  await store.close();
});

test('a fault of the store itself fails one piece of work, not those beside it', async () => {
  const store = await openStore('sqlite::memory:', { now });
  const outcomes = await Promise.allSettled([
    store.transaction((tx) => tx.put(patient('a'))),
    store.transaction(async (tx) => {
      // a type that is none: the store's own error, in one piece of work only
      await tx.put({ resourceType: 'Nothing' as 'Patient', id: 'x' });
    }),
    store.transaction((tx) => tx.put(patient('b'))),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect((await store.read('Patient', 'b'))?.version).toBe(1);
  await store.close();
});
