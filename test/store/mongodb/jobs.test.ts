import { expect, test } from '@jest/globals';
import { openStore } from '../../../src/store/openStore.ts';
import { emptyDatabase } from '../../mongodb/database.ts';

const now = (): string => new Date().toISOString();
const job = { key: 'submission|Claim/1', kind: 'send', payload: '{}', due: 0 };
const query = { kinds: ['send'], count: 10 };

test('1.3 a lease belongs to a server entry: others take a job over when its server is gone, and not before', async () => {
  const url = await emptyDatabase('jobs');
  const [first, second] = [await openStore(url, { now }), await openStore(url, { now })];
  const lease = await first.transaction((tx) => tx.jobs.begin(job));
  expect(await second.jobs.take(query)).toEqual([]);
  await first.close();
  const [taken, ...more] = await second.jobs.take(query);
  expect(more).toEqual([]);
  expect([taken?.job.state, taken?.fence]).toEqual(['sending', (lease?.fence ?? 0) + 1]);
  const third = await openStore(url, { now });
  expect(await third.jobs.take(query)).toEqual([]);
  await second.transaction(async (tx) => {
    if (taken) await tx.jobs.change(taken, { state: 'done' });
  });
  expect((await third.jobs.read(job.key))?.state).toBe('done');
  await second.close();
  await third.close();
});

test('1.3 neighbour: what a former holder still does lands nowhere', async () => {
  const url = await emptyDatabase('jobs');
  const [first, second] = [await openStore(url, { now }), await openStore(url, { now })];
  const lease = await first.transaction((tx) => tx.jobs.begin(job));
  if (!lease) throw new Error('no lease');
  first.jobs.leave(lease);
  await first.jobs.take(query); // taken over under a higher number
  const late = second.transaction(async (tx) => {
    await tx.put({ resourceType: 'Basic', id: 'late', code: { text: 'late' } });
    await tx.jobs.change(lease, { state: 'done' });
  });
  await expect(late).rejects.toMatchObject({ status: 409 });
  expect(await second.read('Basic', 'late')).toBeUndefined();
  await first.close();
  await second.close();
});
