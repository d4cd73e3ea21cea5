import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ClaimResponse, Organization, Task } from '@medplum/fhirtypes';
import { takeNumbers } from '../../src/operation/partner/numbers.ts';
import { openStore } from '../../src/store/openStore.ts';
import { system } from '../../src/terminology/system.ts';
import { eachStore } from '../http/eachStore.ts';
import { emptyDatabase } from '../mongodb/database.ts';
import {
  clearinghouse,
  openPartnerOffice,
  payer,
  routeTo,
  until,
  type PartnerOffice,
} from './partnerOffice.ts';

describe.each(eachStore('exchange-route'))('routes, on %s', (_store, open) => {
  let office: PartnerOffice;
  beforeAll(async () => {
    office = await openPartnerOffice(open);
    await office.put(clearinghouse());
  });
  afterAll(() => office.close());
  const statusOf = async (name: string): Promise<{ claim: string; answer: ClaimResponse }> => {
    const claim = await office.draft(name);
    return { claim, answer: (await office.submit(claim)).one<ClaimResponse>() };
  };
  const waiting = 'Submitted; the practice has no active enrolment with the payer, so it waits';
  const enrolment = async (claim: string): Promise<Task | undefined> =>
    (await office.tasks('enrollment')).find((task) => task.focus?.reference === claim);

  test.each([
    ['inactive', { active: false }],
    ['ended before the day', { period: { end: '2026-06-04' } }],
    ['not begun', { period: { start: '2026-06-06' } }],
    ['for another form', { code: [{ coding: [{ system: system.transaction, code: '837I' }] }] }],
    ['without an id of the payer', { identifier: [{ system: 'urn:ietf:rfc:3986' }] }],
    ['without a partner', { endpoint: [{ reference: 'Endpoint/nobody' }] }],
  ])('6.2 an enrolment that is %s holds the claim, with a Task', async (name, over) => {
    expect((await office.put({ ...routeTo(), ...over })).status).toBeLessThan(300);
    const { claim, answer } = await statusOf(name.replaceAll(' ', '-'));
    expect([answer.outcome, answer.disposition]).toEqual(['queued', waiting]);
    expect((await enrolment(claim))?.status).toBe('requested');
    expect(office.files('out')).toEqual([]);
  });

  test('6.2 once the enrolment is active the claim goes when it is submitted again', async () => {
    await office.put({ ...routeTo(), active: false });
    const { claim } = await statusOf('later');
    await office.put(routeTo());
    expect((await office.submit(claim)).one<ClaimResponse>().outcome).toBe('queued');
    const number = await office.number(claim);
    await until(() =>
      Promise.resolve(office.sentTexts().some((text) => office.claimsIn(text).includes(number))),
    );
  });

  test('6.2 neighbour: an X12 Endpoint of the payer without a route of the practice holds too', async () => {
    await office.delete('OrganizationAffiliation/alder-juniper');
    await office.change<Organization>(payer, (organization) => {
      organization.endpoint = [{ reference: 'Endpoint/acme' }];
    });
    expect((await statusOf('endpoint')).answer.disposition).toBe(waiting);
    await office.change<Organization>(payer, (organization) => {
      delete organization.endpoint;
    });
  });

  test('6.2 invented claims never go out in earnest', async () => {
    await office.put(clearinghouse({ usage: 'P' }));
    await office.put(routeTo());
    const claim = await office.draft('earnest');
    const refused = await office.submit(claim);
    expect([refused.status, refused.codes]).toEqual([422, ['production-not-allowed']]);
    await office.put(clearinghouse());
  });

  test('6.2 neighbour: an Endpoint without the ids of the interchange refuses the claim, and says what is missing', async () => {
    await office.put(clearinghouse({ receiver: 'A' }));
    await office.put(routeTo());
    const { claim, answer } = await statusOf('ids');
    expect(answer.outcome).toBe('error');
    expect((await office.tasks('submission-refused')).map((t) => t.focus?.reference)).toContain(claim);
    await office.put(clearinghouse());
  });
});

test('6.3 control numbers are never given twice, by two servers of one store at once', async () => {
  const url = await emptyDatabase('exchange-numbers');
  const options = { now: () => new Date().toISOString(), base: 'http://127.0.0.1:8080/fhir' };
  const stores = [await openStore(url, options), await openStore(url, options)];
  const taken = await Promise.all(
    stores.flatMap((store) =>
      Array.from({ length: 15 }, () =>
        store.transaction((tx) => takeNumbers(tx, 'ZZA>ZZB', { groups: 3, sets: 7 })),
      ),
    ),
  );
  expect(taken.map((t) => t.interchange).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 30 }, (_, i) => i + 1),
  );
  expect(taken.map((t) => t.group).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 30 }, (_, i) => 3 * i + 1),
  );
  expect(taken.map((t) => t.set).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 30 }, (_, i) => 7 * i + 1),
  );
  const [store] = stores;
  const later = await store?.transaction((tx) =>
    takeNumbers(tx, 'ZZA>ZZB', { groups: 1, sets: 1, first: 5000 }),
  );
  expect(later).toEqual({ interchange: 5000, group: 5000, set: 5000 });
  for (const one of stores) await one.close();
});
