import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Binary, Claim, OperationOutcome, Organization, Resource } from '@medplum/fhirtypes';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import { system } from '../../src/terminology/system.ts';
import type { Store } from '../../src/store/store.ts';
import { withReasonTexts } from '../../src/operation/table/reasonTexts.ts';
import type { Call } from '../../src/operation/operation.ts';
import { claimOf, partiesOf } from '../billing/scrub/fixture.ts';
import { testContext } from '../context.ts';
import { eachStore } from '../http/eachStore.ts';
import { AsAccount } from '../smart/asAccount.ts';
import { interchange, remittance } from '../x12/written.ts';

describe.each(eachStore('tableShown'))('%s', (_name, open) => {
  let store: Store;
  let accounts: AsAccount;
  let context: Awaited<ReturnType<typeof testContext>>;

  beforeAll(async () => {
    store = await open();
    context = await testContext({ store, now: () => '2026-09-01T12:00:00Z' });
    const parties = partiesOf();
    const clinic = parties.get('Organization/clinic') as Organization;
    parties.set('Organization/clinic', { ...clinic, partOf: { reference: 'Organization/hospital' } });
    await store.transaction(async (tx) => {
      for (const resource of parties.values()) await tx.put(resource as Resource & { id: string });
    });
    accounts = new AsAccount(context);
    const roles = { kind: 'user' as const, users: [], practices: ['clinic'] };
    await accounts.is({ ...roles, name: 'ada', roles: ['administrator'] });
  });
  afterAll(() => store.close());

  const ask = (method: 'get' | 'post' | 'put', path: string, body?: Resource) =>
    accounts.ask('whoever sees all', method, path, body);
  const texts =
    'code,description,start,end\n45,Own words on forty-five,1995-01-01,\n2,Own words on two,1995-01-01,\n';
  const load = (): Promise<{ status: number }> =>
    Promise.resolve(
      accounts
        .ask('ada', 'post', '$load-table?table=reason-text&edition=2024-06')
        .set('content-type', 'text/csv')
        .send(texts),
    );

  test('8.8 an outline and an answer say the texts of reason codes that the practice has loaded', async () => {
    const binary: Binary = {
      resourceType: 'Binary',
      contentType: 'application/EDI-X12',
      data: Buffer.from(interchange(remittance)).toString('base64'),
    };
    const made = (await ask('post', 'Binary', binary)).body as Binary;
    const outline = async (): Promise<string> => {
      const path = `Binary/${made.id ?? ''}/$outline?format=text`;
      const answer = await accounts
        .ask('whoever sees all', 'get', path)
        .set('accept', 'application/fhir+json');
      return Buffer.from((answer.body as Binary).data ?? '', 'base64').toString() || answer.text;
    };
    const answered = {
      resourceType: 'ClaimResponse',
      item: [
        {
          itemSequence: 1,
          adjudication: [{ category: {}, reason: { coding: [{ system: system.carc, code: '45' }] } }],
        },
      ],
    } as unknown as Resource;
    const named = () =>
      store.transaction((tx) =>
        withReasonTexts({ tx, context, on: '2026-09-01' } as unknown as Call, answered),
      );
    expect(await outline()).not.toContain('Own words');
    expect(await named()).toBe(answered);
    expect((await load()).status).toBe(200);
    expect(await outline()).toMatch(/CAS02 [^:]*: 2 \(Own words on two\)/);
    expect(JSON.stringify(await named())).toContain('"display":"Own words on forty-five"');
    expect(JSON.stringify(answered)).not.toContain('display');
  });

  test('8.9 services in the days before a stay in the hospital that owns the practice need modifier PD', async () => {
    const claim = claimOf('complete');
    const [line] = claim.item ?? [];
    const coverage = claim.insurance[0]?.coverage.reference ?? '';
    const stored = (await ask('get', coverage)).body as Resource & { type?: unknown };
    const medicare = { coding: [{ system: 'https://nahdo.org/sopt', code: '12' }] };
    expect((await ask('put', coverage, { ...stored, type: medicare } as Resource)).status).toBe(200);
    const stay = (start: string, status: string) =>
      ask('put', 'Encounter/stay', {
        resourceType: 'Encounter',
        id: 'stay',
        status: status as 'in-progress',
        class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
        subject: claim.patient,
        serviceProvider: { reference: 'Organization/hospital' },
        period: { start },
      });
    const found = async (one: Claim): Promise<string[]> =>
      ((await ask('post', 'Claim/$scrub', one)).body as OperationOutcome).issue.flatMap((i) =>
        codeOfIssue(i)?.startsWith('payment-window') === true ? (i.expression ?? []) : [],
      );
    const alone = { ...claim, item: line ? [line] : [] };
    expect(await found(alone)).toEqual([]);
    expect((await stay('2026-06-11T22:00:00-04:00', 'in-progress')).status).toBeLessThan(300);
    expect(await found(alone)).toEqual(['Claim.item[0].modifier']);
    const said = {
      ...alone,
      item: alone.item.map((i) => ({ ...i, modifier: [{ coding: [{ code: 'PD' }] }] })),
    };
    expect(await found(said)).toEqual([]);
    await stay('2026-06-13T08:00:00-04:00', 'in-progress');
    expect(await found(alone)).toEqual([]);
    await stay('2026-06-10T08:00:00-04:00', 'cancelled');
    expect(await found(alone)).toEqual([]);
  });
});
