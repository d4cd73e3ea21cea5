import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
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
});
