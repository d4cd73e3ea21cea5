import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EligibilitySaid } from '../../../src/gateway/gateway.ts';
import { shippedGateways } from '../../../src/gateways.ts';
import { runJob } from '../../../src/job/queue.ts';
import { askingKind } from '../../../src/operation/eligibility/asking.ts';
import { eligibilityAsking } from '../../../src/operation/eligibility/askingJob.ts';
import type { OperationContext } from '../../../src/operation/operation.ts';
import { until } from '../../until.ts';
import { eachStore } from '../../http/eachStore.ts';
import {
  eligibilityOffice,
  member,
  requestFor,
  resultOf,
  type EligibilityOffice,
} from './eligibilityOffice.ts';

describe.each(eachStore('eligibility-unanswered'))(
  '1 a payer that does not answer, on %s',
  (_store, open) => {
    let office: EligibilityOffice;
    let asked = 0;
    let say: () => Promise<EligibilitySaid> = () => Promise.reject(new Error('it is away'));
    const gateways: OperationContext['gateways'] = (code, context) => {
      const gateway = shippedGateways(code, context);
      return gateway && { ...gateway, askEligibility: () => ((asked += 1), say()) };
    };
    beforeAll(async () => {
      office = await eligibilityOffice(open, { gateways, submitWait: 1 });
      await office.has(...member('ada', 'JRH100871102'));
    });
    afterAll(() => office.store.close());

    /** Does what is due of the jobs that ask; every pause is over, for the clock of the store is ahead. */
    const work = async (): Promise<void> => {
      const context: OperationContext = { ...office.context, gateways };
      const engine = {
        store: context.store,
        now: () => Date.parse(context.now()),
        random: () => 0,
        failed: () => undefined,
      };
      for (;;) {
        const leases = await context.store.jobs.take({ kinds: [askingKind], count: 10 });
        if (leases.length === 0) return;
        for (const lease of leases) await runJob(engine, eligibilityAsking(context), lease);
      }
    };

    test.each<[string, () => Promise<EligibilitySaid>]>([
      ['whose server fails', () => Promise.reject(new Error('it is away'))],
      ['of which nothing comes in time', () => Promise.resolve({ is: 'awaited' })],
    ])('1 one %s is queued, asked again five times, then a Task asks a person', async (_what, answer) => {
      say = answer;
      asked = 0;
      const day = `2026-12-${String(10 + (_what.length % 10))}`;
      const first = await office.ask(requestFor('ada', { servicedDate: day }));
      expect([first.status, first.body.outcome]).toEqual([200, 'queued']);
      const focus = first.body.request.reference ?? '';
      const filled = (): Promise<typeof first.body> =>
        office.get(`CoverageEligibilityResponse/${first.body.id}`);
      const last = await until(async () => {
        await work();
        const one = await filled();
        return one.outcome !== 'queued' && one;
      });
      expect(asked).toBe(6);
      expect([last.outcome, resultOf(last)]).toEqual(['error', 'not-answered']);
      expect(await office.tasks('eligibility-unanswered', focus)).toHaveLength(1);
      // somebody asks again, and what comes is about another member: it is not taken over, and the answer before is kept
      say = () => Promise.resolve({ is: 'unfit', reason: 'it is about another member' });
      await office.run(`${focus}/$submit`);
      await until(async () => {
        await work();
        return (await office.found(`CoverageEligibilityResponse?request=${focus}`)).length === 2;
      });
      expect((await office.tasks('eligibility-unanswered', focus)).map((one) => one.status)).toEqual([
        'requested',
      ]);
    });
  },
);
