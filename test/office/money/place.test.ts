import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Account, Basic, Organization, ParametersParameter } from '@medplum/fhirtypes';
import { creditSince } from '../../../src/billing/collection/credit.ts';
import { lawOn } from '../../../src/billing/collection/law.ts';
import { placementOf } from '../../../src/billing/collection/placement.ts';
import { cents } from '../../../src/datatypes/cents.ts';
import type { Entry } from '../../../src/datatypes/entry.ts';
import { collectionWork } from '../../../src/operation/collection/collectionWork.ts';
import { extension, system } from '../../../src/terminology/system.ts';
import { named } from '../../firm/overHttp.ts';
import { code, day, money, nameOf, openOffice, type Office } from '../../firm/receipts.ts';
import { eachStore } from '../../http/eachStore.ts';

const law = (facility: string, start = '2026-01-01'): Basic & { id: string } => ({
  resourceType: 'Basic',
  id: `law-${facility}`,
  code: { coding: [{ system: system.basic, code: 'collection-law' }] },
  extension: [
    {
      url: extension.collectionLaw,
      extension: [
        { url: 'state', valueCode: 'OH' },
        { url: 'facility', valueCode: facility },
        { url: 'period', valuePeriod: { start } },
        { url: 'source', valueString: 'an example' },
        { url: 'noticeDays', valueInteger: 10 },
        { url: 'waitDays', valueInteger: 60 },
        { url: 'limitationYears', valueInteger: 6 },
        { url: 'dormancyYears', valueInteger: 3 },
        { url: 'creditReporting', valueBoolean: false },
        { url: 'liens', valueBoolean: false },
      ],
    },
  ],
});

describe.each(eachStore('office-place'))('on %s', (_store, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
    await office.put({ resourceType: 'Organization', id: 'agency', name: 'Agency' });
    const owner = (await office.get<Account>('Account/a')).owner?.reference ?? '';
    const practice = await office.get<Organization & { id: string }>(owner);
    const parts = [
      { url: 'state', valueCode: 'OH' },
      { url: 'smallBalance', valueMoney: { value: 5, currency: 'USD' as const } },
      { url: 'smallBalanceDays', valueInteger: 30 },
    ];
    await office.put({
      ...practice,
      extension: [{ url: extension.collection, extension: parts }],
    });
    for (const name of ['a', 'b']) {
      const subject = (await office.get<Account>(`Account/${name}`)).subject?.[0]?.reference ?? '';
      await office.put({
        resourceType: 'Communication',
        id: `notice-${name}`,
        status: 'completed',
        sent: '2026-05-01T09:00:00Z',
        subject: { reference: subject },
      });
    }
  });
  afterAll(async () => {
    await office.check();
    await office.context.store.close();
  });
  const place = (on: string, ...more: readonly ParametersParameter[]) =>
    office.call('Account/a/$place', [named('agency', 'Organization/agency'), day(on), ...more]);
  const notice = named('notice', 'Communication/notice-a');

  test('8 agency: no row of law, no placement; then its days are waited for; it is recalled', async () => {
    await office.invoice(20_000);
    expect((await place('2026-05-20', notice)).codes).toEqual(['no-collection-law']);
    await office.put(law('office'));
    expect((await place('2026-04-20', notice)).codes).toEqual(['notice-days', 'too-early']);
    expect((await place('2026-05-20')).codes).toEqual(['notice-days']);
    const answer = await place('2026-05-20', notice);
    expect(answer.codes).toEqual(['placed']);
    expect((await place('2026-05-21', notice)).codes).toEqual(['already-there']);
    expect(await office.balance('invoiced')).toBe(0);
    expect(placementOf(await office.get<Account>('Account/a'))?.agency).toBe('Organization/agency');
    const agencyPaid = (amount: number) =>
      office.call('Account/a/$record-agency-payment', [
        { name: 'amount', valueMoney: { value: amount, currency: 'USD' } },
        { name: 'fee', valueMoney: { value: 12.5, currency: 'USD' } },
        code('method', 'check'),
        { name: 'reference', valueString: 'A-1' },
        day('2026-05-25'),
      ]);
    expect((await agencyPaid(200.01)).codes).toEqual(['above-placed-amount']);
    expect((await agencyPaid(50)).codes).toEqual(['created']);
    expect((await agencyPaid(50)).codes).toEqual(['already-there']);
    await office.check();
    expect(await office.balance('invoiced')).toBe(0);
    expect((await office.call('Account/a/$recall', [day('2026-06-01')])).codes).toEqual(['recalled']);
    expect((await office.call('Account/a/$recall', [day('2026-06-01')])).codes).toEqual(['already-there']);
    expect(await office.balance('invoiced')).toBe(150);
  });

  test('8 agency neighbour: an Account that is held is not placed', async () => {
    await office.put(law('office'));
    await office.call('Account/a/$hold', [code('reason', 'dispute'), day('2026-06-02')]);
    const answer = await place('2026-06-03', notice);
    expect([answer.status, answer.codes]).toEqual([422, ['account-held']]);
    await office.call('Account/a/$release-hold', [code('reason', 'dispute'), day('2026-06-04')]);
  });

  test('8 agency neighbour: the last payment is answered again, and taken back as a whole', async () => {
    await office.invoice(6000);
    await office.put(law('office'));
    expect((await place('2026-06-05', notice)).codes).toEqual(['placed']);
    const before = await office.balance('invoiced');
    const agencyPaid = (amount: number) =>
      office.call('Account/a/$record-agency-payment', [
        money(amount),
        code('method', 'check'),
        { name: 'reference', valueString: 'A-LAST' },
        day('2026-06-08'),
      ]);
    const paid = await agencyPaid(210);
    expect(paid.codes).toEqual(['created']);
    expect(placementOf(await office.get<Account>('Account/a'))).toBeUndefined();
    const again = await agencyPaid(210);
    expect([again.codes, nameOf(again, 'receipt')]).toEqual([['already-there'], nameOf(paid, 'receipt')]);
    expect((await agencyPaid(209)).codes).toEqual(['reference-used']);
    const back = await office.call(`${nameOf(paid, 'receipt')}/$reverse`, [
      { name: 'reason', valueString: 'bounced' },
      day('2026-06-10'),
    ]);
    expect(back.codes).toEqual(['reversed']);
    expect([before, await office.balance('invoiced')]).toEqual([0, 210]);
  });

  test('8 agency neighbour: no plain write says that something is with an agency', async () => {
    const account = await office.get<Account & { id: string }>('Account/b');
    const said = {
      url: extension.agencyPlacement,
      extension: [{ url: 'reference', valueString: 'WO-1' }],
    };
    const put = await office.put({ ...account, extension: [...(account.extension ?? []), said] });
    expect([put.status, put.codes]).toEqual([409, ['kept-by-the-books']]);
  });

  test('8 collection: at night small balances are given up once, and missed instalments are work', async () => {
    const small = await office.invoice(450, 'b');
    const large = await office.invoice(9000, 'b');
    const nightOf = (date: string) =>
      office.context.store.transaction((tx) => collectionWork.one(office.context, tx, 'Account/b', { date }));
    await nightOf('2026-03-20');
    expect(await office.open(small)).toBe('issued');
    await nightOf('2026-04-02');
    await nightOf('2026-04-02');
    expect([await office.open(small), await office.open(large)]).toEqual(['balanced', 'issued']);
    const terms = [
      { name: 'count', valuePositiveInt: 2 },
      { name: 'first', valueDate: '2026-05-01' },
    ];
    await office.call('Account/b/$payment-plan', [day('2026-04-03'), ...terms]);
    await nightOf('2026-05-06');
    const missed = () =>
      office
        .get<{ entry?: unknown[] }>(`Task?code=${system.task}|missed-instalment`)
        .then((b) => b.entry?.length ?? 0);
    expect(await missed()).toBe(0);
    await nightOf('2026-05-07');
    await nightOf('2026-05-08');
    expect(await missed()).toBe(1);
  });
});

test('8 collection law: a nonprofit hospital waits 120 days and gives 30 days of notice, whatever the state says', () => {
  const of = { state: 'OH', facility: 'nonprofit-hospital', day: '2026-05-01' } as const;
  const row = lawOn([law('nonprofit-hospital')], of);
  expect([row?.noticeDays, row?.waitDays]).toEqual([30, 120]);
  expect(lawOn([law('nonprofit-hospital')], { ...of, state: 'KY' })).toBeUndefined();
  expect(lawOn([law('nonprofit-hospital', '2026-06-01')], of)).toBeUndefined();
});

test('8 credit: it is counted from the day since which some of it has stood', () => {
  const entry = (on: string, amount: number): Entry => ({
    ...{ id: on, account: 'Account/a', on, reason: 'patient-payment', text: '', cause: 'PaymentNotice/1' },
    postings: [{ account: 'unapplied-patient-credit', amount: cents(amount) }],
  });
  const since = (...entries: Entry[]) =>
    creditSince(entries, (p) => p.account === 'unapplied-patient-credit');
  expect(since(entry('2026-01-01', -100), entry('2026-02-01', 100))).toBeUndefined();
  const again = since(entry('2026-01-01', -100), entry('2026-02-01', 100), entry('2026-03-01', -50));
  expect(again).toEqual({ amount: 50, since: '2026-03-01' });
});
