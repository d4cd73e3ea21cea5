import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, Claim, ClaimResponse, Task } from '@medplum/fhirtypes';
import { pauseAfter } from '../../src/job/queue.ts';
import type { JobChange } from '../../src/store/job.ts';
import { changed } from '../../src/datatypes/json.ts';
import { eachStore } from '../http/eachStore.ts';
import { notAnswered, onceAnswered, openSender, until, type Sender } from './payerAtTheEnd.ts';

describe.each(eachStore('f1_03_late'))('on %s', (_store, open) => {
  let office: Sender;
  beforeEach(async () => {
    office = await openSender(open, { submitWait: 100 });
  });
  afterEach(async () => {
    await new Promise((resolve) => setTimeout(resolve, 50)); // what goes on in the background ends
    await office.store.close();
  });
  const key = (claim: string): string => `submission|${claim}`;
  const job = (claim: string) => office.store.jobs.read(key(claim));
  const tasks = async (claim: string, code: string): Promise<(Task & { id: string })[]> =>
    ((await office.get<Bundle>(`Task?focus=${claim}&code=${code}`)).entry ?? []).map(
      (e) => e.resource as Task & { id: string },
    );
  /** Takes the job of a claim, as another server would, and leaves it otherwise. */
  const leave = (claim: string, to: JobChange): Promise<void> =>
    until(async () => {
      const [lease] = await office.store.jobs.take({
        kinds: ['claim-submission'],
        count: 1,
        key: key(claim),
      });
      if (!lease) return false;
      await office.store.transaction((tx) => tx.jobs.change(lease, to));
      office.store.jobs.leave(lease);
      return true;
    }).then(() => undefined);
  const thinking = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    office.payer.send = async (_t, judge) => {
      await promise;
      return judge();
    };
    return () => {
      resolve(undefined);
    };
  };
  const complete = (claim: string): Promise<ClaimResponse> =>
    until(async () => {
      const response = await office.response(claim);
      return response?.outcome === 'complete' && response;
    });

  test('1.3 a job that fails ten times is given up: the claim is held as a Task and never sent by itself', async () => {
    const { payer } = office;
    payer.send = () => Promise.resolve({ is: 'unknown' });
    payer.find = () => Promise.reject(new Error('no way there'));
    const claim = await office.draft('a');
    expect((await office.submit(claim)).one<ClaimResponse>().outcome).toBe('queued');
    await leave(claim, { state: 'due', due: Date.now() - 1000, attempts: 9 });
    await until(async () => {
      void office.submit(claim); // whoever asks takes the job up where nobody works at it
      return (await job(claim))?.state === 'failed';
    });
    expect((await job(claim))?.attempts).toBe(10);
    const [task, ...more] = await tasks(claim, 'submission-failed');
    expect([task?.status, more.length]).toEqual(['requested', 0]);
    expect(await office.made(claim)).toEqual(notAnswered);
    const asked = payer.asked.length;
    expect((await office.submit(claim)).one<ClaimResponse>().outcome).toBe('queued');
    expect([payer.sent.length, payer.asked.length]).toEqual([1, asked]);
    payer.find = () => Promise.resolve({ is: 'absent' });
    payer.send = (_t, judge) => judge();
    await office.put({ ...task, status: 'completed' } as Task);
    await office.submit(claim);
    await complete(claim);
    expect(new Set(payer.sent.map((t) => t.id)).size).toBe(1);
    expect(await office.made(claim)).toEqual(onceAnswered);
  });

  test('1.3 a payer that answers twice, also otherwise, is heard once', async () => {
    const { payer } = office;
    payer.find = async (_id, judge) => {
      const said = await judge();
      const paid = { ...said.response.payment, amount: { value: 0.01, currency: 'USD' as const } };
      return { ...said, response: changed(said.response, { payment: paid } as object) };
    };
    const claim = await office.draft('a');
    await office.submit(claim);
    const first = await complete(claim);
    const entries = (await office.journal()).length;
    const before = await job(claim);
    await office.store.transaction(async (tx) => {
      const again = { key: key(claim), kind: 'claim-submission', payload: before?.payload ?? '', due: 0 };
      const lease = await tx.jobs.begin(
        { ...again, result: '{"is":"accepted","asked":1}' },
        { reopen: true },
      );
      if (lease) await tx.jobs.change(lease, { state: 'due', due: 0 });
    });
    await until(() => work(claim));
    expect(payer.asked.length).toBeGreaterThan(0);
    expect((await office.response(claim))?.meta).toEqual(first.meta);
    expect([(await office.journal()).length, await office.made(claim)]).toEqual([entries, onceAnswered]);
  });
  /** Has the job of a claim done: a repeat of $submit takes it up. */
  const work = async (claim: string): Promise<boolean> => {
    await office.submit(claim);
    return (await job(claim))?.state === 'done';
  };

  test('1.3 an answer that comes after the claim was cancelled is posted, and a person is told', async () => {
    const answer = thinking();
    const claim = await office.draft('a');
    await office.submit(claim);
    const stored = await office.get<Claim>(claim);
    await office.store.transaction((tx) => tx.put(changed(stored, { status: 'cancelled' as const })));
    answer();
    await complete(claim);
    expect(await office.made(claim)).toEqual(onceAnswered);
    expect((await office.get<Claim>(claim)).status).toBe('cancelled');
    expect((await tasks(claim, 'answer-review')).map((t) => t.status)).toEqual(['requested']);
    const refused = await office.submit(claim);
    expect(refused.status).toBe(200); // the answer stands
    expect(office.payer.sent).toHaveLength(1);
  });

  test('1.3 an answer that comes after a correction was sent is the answer of the first claim only', async () => {
    const answer = thinking();
    const claim = await office.draft('a');
    await office.submit(claim);
    const { id, meta: _meta, ...stored } = await office.get<Claim>(claim);
    office.payer.send = (_t, judge) => judge();
    const corrected = changed(stored, {
      identifier: [{ ...stored.identifier?.[0], value: 'CORRECTED1' }],
      related: [{ claim: { reference: `Claim/${id}` }, reference: { value: 'ICN1' } }],
      status: 'active' as const,
      item: stored.item?.map(({ extension: _e, ...item }) => item),
    } as object);
    const sent = await office.run('Claim/$submit', [{ name: 'resource', resource: corrected }]);
    expect([sent.status, sent.status === 200 ? '' : sent.text]).toEqual([200, '']);
    const second = sent.one<ClaimResponse>().request?.reference ?? '';
    answer();
    await complete(claim);
    await complete(second);
    expect([await office.made(claim), await office.made(second)]).toEqual([onceAnswered, onceAnswered]);
    for (const { postings } of await office.journal())
      expect(postings.reduce((n, p) => n + p.amount, 0)).toBe(0);
  });

  test('1.3 neighbour: the pauses between attempts double up to five minutes, half of each by chance', () => {
    const most = Array.from({ length: 10 }, (_, i) => pauseAfter(i + 1, 1));
    expect(most.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
    expect(most.at(-1)).toBe(300_000);
    expect(pauseAfter(3, 0)).toBe(2000);
  });
});
