import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, ClaimResponse, Coverage, Task } from '@medplum/fhirtypes';
import { eachStore } from '../../http/eachStore.ts';
import { until } from '../../until.ts';
import {
  actionsOf,
  inDays,
  itemOf,
  numberOf,
  openAuthorizing,
  type AuthorizingOffice,
} from './authorizingOffice.ts';

describe.each(eachStore('office-authorization'))('requests for authorization, on %s', (_store, open) => {
  let office: AuthorizingOffice;
  beforeAll(async () => {
    office = await openAuthorizing(open);
  });
  afterAll(() => office.close());
  const numberOnDraft = async (visit: string): Promise<string | undefined> => {
    const [draft] = await office.found<Claim>(`Claim?encounter=${visit}&use=claim&status=draft`);
    return draft?.insurance[0]?.preAuthRef?.[0];
  };

  test('2 what is certified is a ClaimResponse with number, units and dates, and drafts get the number', async () => {
    const visit = await office.infusion('first', inDays(-3));
    const [draft] = (await office.run(`${visit}/$generate-claim`)).all<Claim>('claim');
    expect(draft?.insurance[0]?.preAuthRef).toBeUndefined();
    const scrubbed = await office.run(`Claim/${draft?.id ?? ''}/$scrub`);
    expect(scrubbed.codes).toContain('missing-authorization');
    const claim = await office.request('auth-first', 'first');
    const said = await office.run(`${claim}/$submit`);
    expect([said.status, said.text.slice(0, 300)]).toEqual([200, expect.any(String)]);
    const response = said.one<ClaimResponse>();
    expect(response).toMatchObject({
      ...{ use: 'preauthorization', outcome: 'complete', disposition: 'Certified' },
      request: { reference: claim },
      preAuthPeriod: { end: inDays(60) },
    });
    expect(actionsOf(response)).toEqual([[1, 'A1', true]]);
    // again: the same answer
    expect((await office.run(`${claim}/$submit`)).one<ClaimResponse>().meta?.versionId).toBe(
      response.meta?.versionId,
    );
    expect(await until(() => numberOnDraft(visit))).toBe(numberOf(response));
    expect((await office.run(`Claim/${draft?.id ?? ''}/$scrub`)).codes).not.toContain(
      'missing-authorization',
    );
    const { status } = await office.change<Claim>(claim, (asked) => {
      asked.item = [itemOf(1, 'J1745', 400)];
    });
    expect(status).toBe(409);
  });

  test('2 neighbour: denied, not required and units in part are told apart', async () => {
    await office.infusion('second', inDays(-3));
    const claim = await office.request('auth-second', 'second', {
      item: [itemOf(1, 'J1745', 10), itemOf(2, 'T1015', 1), itemOf(3, 'Q9999', 1)],
    });
    const response = (await office.run(`${claim}/$submit`)).one<ClaimResponse>();
    expect(actionsOf(response)).toEqual([
      [1, 'A1', true],
      [2, 'NA', false],
      [3, 'A3', false],
    ]);
  });

  test('2 what is pended is a Task, and goes again once what was asked for is given', async () => {
    await office.infusion('pended', inDays(-3));
    await office.change<Coverage>('Coverage/pended', (coverage) => {
      coverage.subscriberId = 'FORCEDPENDED5';
    });
    const claim = await office.request('auth-pended', 'pended');
    const first = (await office.run(`${claim}/$submit`)).one<ClaimResponse>();
    expect(actionsOf(first)).toEqual([[1, 'A4', false]]);
    const [task] = await office.tasks('authorization-pended', claim);
    expect(task?.status).toBe('requested');
    expect((await office.put({ ...(task as Task), status: 'completed' })).status).toBe(200);
    const again = (await office.run(`${claim}/$submit`)).one<ClaimResponse>();
    expect([again.id, actionsOf(again)]).toEqual([first.id, [[1, 'A1', true]]]);
    const job = await office.store.jobs.read(`submission|${claim}`);
    expect(JSON.parse(job?.payload ?? '{}')).toMatchObject({ round: 2, satisfied: true });
  });

  test('2 neighbour: a faulty request is refused with every fault, and nothing of it is sent', async () => {
    await office.infusion('faulty', inDays(-3));
    const claim = await office.request('auth-faulty', 'faulty', {
      insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/first' } }],
      item: [{ ...itemOf(1, 'J1745', 0), quantity: { value: -1 } }],
    });
    const refused = await office.run(`${claim}/$submit`);
    expect([refused.status, refused.codes]).toEqual([422, ['quantity-not-positive']]);
    await office.change<Claim>(claim, (asked) => {
      asked.item = [itemOf(1, 'J1745', 1)];
    });
    expect((await office.run(`${claim}/$submit`)).codes).toEqual(['coverage-of-another']);
    expect(await office.answer(claim)).toBeUndefined();
  });
});
