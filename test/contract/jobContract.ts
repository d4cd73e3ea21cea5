import { describe, expect, test } from '@jest/globals';
import { FhirError } from '../../src/outcome/fhirError.ts';
import { leaseLasts, type Lease, type NewJob } from '../../src/store/job.ts';
import type { Store } from '../../src/store/store.ts';
import { patient } from './storeContract.ts';

const kinds = ['send', 'sweep'];
const job = (key: string, due: number, more: Partial<NewJob> = {}): NewJob => ({
  key,
  kind: 'send',
  payload: '{"claim":"$Claim/1"}',
  due,
  ...more,
});

/** What background work may rely on. `pass` lets time go by. */
export function jobContract(store: () => Store, now: () => string, pass: (ms: number) => void): void {
  const at = (): number => Date.parse(now());
  const take = (more: { key?: string; count?: number } = {}): Promise<Lease[]> =>
    store().jobs.take({ kinds, count: 10, ...more });
  const enqueue = (made: NewJob, reopen = false): Promise<boolean> =>
    store().transaction((tx) => tx.jobs.enqueue(made, { reopen }));
  const begin = (made: NewJob): Promise<Lease | undefined> =>
    store().transaction((tx) => tx.jobs.begin(made));
  const taken = async (key: string): Promise<Lease> => {
    const [lease] = await take({ key });
    if (!lease) throw new Error(`${key} is not to be had`);
    return lease;
  };

  describe('jobs', () => {
    test('a key is one job: what comes second changes nothing, and says so', async () => {
      expect(await enqueue(job('a', at()))).toBe(true);
      expect(await enqueue(job('a', at(), { payload: '{}' }))).toBe(false);
      expect(await store().jobs.read('a')).toEqual({
        ...job('a', at()),
        ...{ state: 'due', attempts: 0, created: at(), updated: at() },
      });
      expect(await store().jobs.read('b')).toBeUndefined();
    });

    test('a job lands with the rest of its transaction or not at all', async () => {
      const failed = store().transaction(async (tx) => {
        await tx.put(patient('p'));
        await tx.jobs.enqueue(job('a', at()));
        expect((await tx.jobs.read('a'))?.state).toBe('due');
        throw new Error('no');
      });
      await expect(failed).rejects.toThrow('no');
      expect(await store().jobs.read('a')).toBeUndefined();
      expect(await take()).toEqual([]);
    });

    test('of many who enqueue one key at once one makes it', async () => {
      const made = await Promise.all(Array.from({ length: 12 }, () => enqueue(job('a', at()))));
      expect(made.filter(Boolean)).toHaveLength(1);
    });

    test('what is due is taken once, the longest due first, and of its kinds only', async () => {
      await enqueue(job('late', at() - 1));
      await enqueue(job('early', at() - 5));
      await enqueue(job('to come', at() + 60_000));
      await enqueue(job('other', at() - 9, { kind: 'other' }));
      const [first, second] = [await take({ count: 1 }), await take()];
      expect([...first, ...second].map((lease) => [lease.job.key, lease.job.state])).toEqual([
        ['early', 'due'],
        ['late', 'due'],
      ]);
      expect((await store().jobs.read('early'))?.state).toBe('leased');
      expect(await take()).toEqual([]);
    });

    test('of many takers at once each job has one', async () => {
      for (const key of ['a', 'b', 'c']) await enqueue(job(key, at()));
      const leases = (await Promise.all(Array.from({ length: 8 }, () => take({ count: 2 })))).flat();
      expect(leases.map((lease) => lease.job.key).sort()).toEqual(['a', 'b', 'c']);
    });

    test('a job that was just taken is not taken for one that was left over', async () => {
      const keys = Array.from({ length: 60 }, (_, n) => `taken ${n}`);
      const leases: Lease[] = [];
      let isOver = false;
      const look = async (): Promise<void> => {
        while (!isOver) leases.push(...(await take({ count: 1 })));
      };
      const looking = Array.from({ length: 6 }, look);
      for (const key of keys) await enqueue(job(key, at()));
      isOver = true;
      await Promise.all(looking);
      leases.push(...(await take({ count: keys.length })));
      expect(leases.map((lease) => lease.job.key).sort()).toEqual(keys.sort());
    });

    test('the end of a job lands with what it did, and its result is kept', async () => {
      await enqueue(job('a', at()));
      const lease = await taken('a');
      await store().transaction((tx) => tx.jobs.change(lease, { state: 'sending' }));
      expect((await store().jobs.read('a'))?.state).toBe('sending');
      pass(10);
      await store().transaction(async (tx) => {
        await tx.put(patient('p'));
        await tx.jobs.change(lease, { state: 'done', result: '{"is":"$answer"}' });
      });
      expect(await store().jobs.read('a')).toMatchObject({
        state: 'done',
        result: '{"is":"$answer"}',
        updated: at(),
      });
      expect(await take()).toEqual([]);
    });

    test('a job put off is due later, with its attempts', async () => {
      await enqueue(job('a', at()));
      const lease = await taken('a');
      await store().transaction((tx) =>
        tx.jobs.change(lease, { state: 'due', due: at() + 1000, attempts: 3 }),
      );
      expect(await take()).toEqual([]);
      pass(1000);
      expect((await taken('a')).job).toMatchObject({ attempts: 3, state: 'due' });
    });

    test('what is made for its maker is sending at once, and nobody else takes it', async () => {
      const lease = await begin(job('a', at()));
      expect(lease?.job.state).toBe('sending');
      expect(await begin(job('a', at()))).toBeUndefined();
      expect(await take()).toEqual([]);
      await store().transaction(async (tx) => {
        if (lease) await tx.jobs.change(lease, { state: 'done' });
      });
      expect((await store().jobs.read('a'))?.state).toBe('done');
    });

    test('what its holder leaves without ending it is taken again, as it was left', async () => {
      const lease = await begin(job('a', at()));
      if (!lease) throw new Error('no lease');
      store().jobs.leave(lease);
      const again = await taken('a');
      expect(again.job.state).toBe('sending');
      expect(again.fence).toBe(lease.fence + 1);
      store().jobs.leave(lease); // the former holder's word counts no more
      expect(await take()).toEqual([]);
    });

    test('a former holder can change nothing: its transaction does not land', async () => {
      const former = await begin(job('a', at()));
      if (!former) throw new Error('no lease');
      store().jobs.leave(former);
      const lease = await taken('a');
      const late = store().transaction(async (tx) => {
        await tx.put(patient('p'));
        await tx.jobs.change(former, { state: 'done' });
      });
      await expect(late).rejects.toBeInstanceOf(FhirError);
      expect(await store().read('Patient', 'p')).toBeUndefined();
      await store().transaction((tx) => tx.jobs.change(lease, { state: 'done' }));
      const twice = store().transaction((tx) => tx.jobs.change(lease, { state: 'failed' }));
      await expect(twice).rejects.toMatchObject({ status: 409 });
    });

    test('a job that is over begins anew only when it is said so, and one that is not over never', async () => {
      await enqueue(job('a', at()));
      expect(await enqueue(job('a', at(), { payload: '{}' }), true)).toBe(false);
      const lease = await taken('a');
      await store().transaction((tx) => tx.jobs.change(lease, { state: 'held', attempts: 4, result: '1' }));
      expect(await enqueue(job('a', at()))).toBe(false);
      expect(await enqueue(job('a', at(), { payload: '{}', result: '2' }), true)).toBe(true);
      expect((await taken('a')).job).toMatchObject({ payload: '{}', attempts: 0, result: '2' });
    });

    test('who watches sees how many there are, since when one waits, and which were given up', async () => {
      expect(await store().jobs.counts()).toEqual({
        states: { due: 0, leased: 0, sending: 0, held: 0, failed: 0 },
        leases: 0,
      });
      for (const key of ['a', 'b', 'c', 'd']) await enqueue(job(key, at() - 7));
      await begin(job('e', at()));
      const [held, failed] = [await taken('a'), await taken('b')];
      await store().transaction((tx) => tx.jobs.change(held, { state: 'held' }));
      await store().transaction((tx) => tx.jobs.change(failed, { state: 'failed' }));
      await taken('c');
      expect(await store().jobs.counts()).toEqual({
        states: { due: 1, leased: 1, sending: 1, held: 1, failed: 1 },
        leases: 2,
        oldestDue: at() - 7,
      });
      expect((await store().jobs.list('held', 10)).map(({ key }) => key)).toEqual(['a']);
      expect((await store().jobs.list('failed', 10)).map(({ key }) => key)).toEqual(['b']);
    });

    test('a lease that is renewed stays; the end of one is some time off', async () => {
      const lease = await begin(job('a', at()));
      if (!lease) throw new Error('no lease');
      await store().jobs.renew(lease);
      pass(leaseLasts / 2);
      expect(await take()).toEqual([]);
    });

    test('copies take jobs along, without their leases', async () => {
      await begin(job('b', at()));
      await enqueue(job('a', at()));
      await taken('a');
      const pieces = [];
      for (let after: string | undefined; ;) {
        const page = await store().copying.pieces({ after, count: 1, at: 0 });
        pieces.push(...page.pieces);
        after = page.next;
        if (after === undefined) break;
      }
      expect(pieces.map((piece) => (piece.kind === 'job' ? [piece.job.key, piece.job.state] : []))).toEqual([
        ['a', 'due'],
        ['b', 'sending'],
      ]);
      const copied = pieces.map((piece) =>
        piece.kind === 'job' ? { ...piece, job: { ...piece.job, key: `copy ${piece.job.key}` } } : piece,
      );
      await store().copying.take(copied, { from: 'x', place: '', pieces: 2 });
      await store().copying.finish();
      expect((await take()).map((lease) => [lease.job.key, lease.job.state]).sort()).toEqual([
        ['copy a', 'due'],
        ['copy b', 'sending'],
      ]);
    });
  });
}
