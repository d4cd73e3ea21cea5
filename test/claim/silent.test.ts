import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Organization, Task } from '@medplum/fhirtypes';
import { runJob } from '../../src/job/queue.ts';
import { claimFollowUp } from '../../src/operation/submission/followUp.ts';
import { eachStore } from '../http/eachStore.ts';
import { openSender, until, type Sender } from '../firm/payerAtTheEnd.ts';
import { own } from '../firm/visit.ts';

describe.each(eachStore('claim_silent'))('claims without an answer, on %s', (_name, open) => {
  let office: Sender;
  const clock = { now: '2026-11-24T15:00:00Z' };
  beforeAll(async () => {
    office = await openSender(open, { submitWait: 50, now: () => clock.now });
  });
  afterAll(async () => {
    await new Promise((resolve) => setTimeout(resolve, 50)); // what goes on in the background ends
    await office.store.close();
  });

  test('5 without an answer after the usual days: a Task, a question to the payer, and again until there is one', async () => {
    await office.change<Organization>('Organization/juniper-ridge', (payer) => {
      payer.extension = [...(payer.extension ?? []), { url: own('usual-answer-days'), valuePositiveInt: 20 }];
    });
    const claim = await office.draft('silent');
    office.payer.send = () => Promise.resolve({ is: 'accepted' });
    office.payer.find = () => Promise.resolve({ is: 'accepted' });
    await office.submit(claim);
    const job = await until(() => office.store.jobs.read(`follow-up|${claim}`));
    expect(job.due - Date.parse(clock.now)).toBe(20 * 86_400_000);
    const tasks = async () =>
      ((await office.get<Bundle>(`Task?focus=${claim}&code=no-answer`)).entry ?? []).map(
        (e) => e.resource as Task,
      );
    const asked: string[] = [];
    const context = {
      ...office.context,
      gateways: () => ({
        honoursAnsweredOn: false,
        claimTypes: [],
        send: () => Promise.resolve({ is: 'unknown' as const }),
        find: () => Promise.resolve({ is: 'unknown' as const }),
        inquire: (id: string) => {
          asked.push(id);
          return Promise.resolve();
        },
      }),
    };
    const run = async (): Promise<void> => {
      const [lease] = await office.store.jobs.take({ kinds: ['claim-follow-up'], count: 1 });
      if (!lease) return;
      const engine = {
        store: office.store,
        now: () => Date.parse(clock.now),
        random: () => 0.5,
        failed: () => undefined,
      };
      await runJob(engine, claimFollowUp(context), lease);
    };
    await office.store.transaction(async (tx) => {
      await tx.jobs.enqueue({ ...job, due: 0, key: 'follow-up|now' });
    });
    await run();
    expect([(await tasks()).map((t) => t.status), asked.length]).toEqual([['requested'], 1]);
    expect((await office.response(claim))?.outcome).toBe('queued');
    const again = await office.store.jobs.read('follow-up|now');
    expect([again?.state, (again?.due ?? 0) - Date.parse(clock.now)]).toEqual(['due', 20 * 86_400_000]);
  });
});
