import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Account, Basic, ParametersParameter } from '@medplum/fhirtypes';
import { givenAt, povertyPercent, tableOn } from '../../../src/billing/collection/assistance.ts';
import { holdsOn } from '../../../src/billing/collection/hold.ts';
import { cents } from '../../../src/datatypes/cents.ts';
import { extension, system } from '../../../src/terminology/system.ts';
import { text } from '../../firm/overHttp.ts';
import { code, day, nameOf, openOffice, type Office } from '../../firm/receipts.ts';
import { eachStore } from '../../http/eachStore.ts';

/** A table with made-up lines: the practice enters those of its year. */
const table = (id: string, from: string, base: number): Basic & { id: string } => ({
  resourceType: 'Basic',
  id,
  code: { coding: [{ system: system.basic, code: 'income-table' }] },
  extension: [
    {
      url: extension.incomeTable,
      extension: [
        { url: 'from', valueDate: from },
        { url: 'base', valueMoney: { value: base, currency: 'USD' } },
        { url: 'each', valueMoney: { value: 5000, currency: 'USD' } },
        { url: 'source', valueString: 'an example' },
        { url: 'step', valueString: '200 100' },
        { url: 'step', valueString: '300 50' },
      ],
    },
  ],
});

describe.each(eachStore('office-assistance'))('on %s', (_store, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
  });
  afterAll(async () => {
    await office.check();
    await office.context.store.close();
  });
  const apply = (income: number, ...more: readonly ParametersParameter[]) =>
    office.call('Account/a/$apply-for-assistance', [
      { name: 'household', valuePositiveInt: 3 },
      { name: 'income', valueMoney: { value: income, currency: 'USD' } },
      day('2026-04-01'),
      ...more,
    ]);
  const decide = (name: string, decision: string, on = '2026-04-10') =>
    office.call(`${name}/$decide-assistance`, [code('decision', decision), day(on)]);

  test('8 assistance: the table of the day gives it, a second step grants it, and it is taken back', async () => {
    await office.invoice(20_000);
    expect((await apply(60_000)).codes).toEqual(['no-income-table']);
    await office.put(table('t2026', '2026-01-01', 15_000));
    const applied = await apply(60_000); // 240 percent of 25,000
    expect(applied.codes).toEqual(['created']);
    expect((await apply(60_000)).codes).toEqual(['already-there']);
    expect(holdsOn(await office.get<Account>('Account/a'), undefined, '2026-04-02')).toEqual([
      'charity-application',
    ]);
    const name = nameOf(applied, 'application');
    expect((await decide(name, 'perhaps')).codes).toEqual(['assistance-decision']);
    expect((await decide(name, 'grant')).codes).toEqual(['decided']);
    expect((await decide(name, 'grant')).codes).toEqual(['already-there']);
    expect((await decide(name, 'deny')).status).toBe(409);
    expect(await office.balance('invoiced')).toBe(100);
    expect(holdsOn(await office.get<Account>('Account/a'), undefined, '2026-04-10')).toEqual([]);
    const back = await office.call(`${name}/$reverse-assistance`, [
      text('reason', 'other income'),
      day('2026-05-01'),
    ]);
    expect(back.codes).toEqual(['reversed']);
    expect(await office.balance('invoiced')).toBe(200);
  });

  test('8 assistance neighbour: a denial gives nothing and ends the hold', async () => {
    const name = nameOf(await apply(200_000), 'application');
    expect((await decide(name, 'deny')).codes).toEqual(['decided']);
    expect(await office.balance('invoiced')).toBe(200);
    expect(holdsOn(await office.get<Account>('Account/a'), undefined, '2026-04-11')).toEqual([]);
  });

  test('8 assistance neighbour: a programme stands for household and income; nobody writes a grant by hand', async () => {
    const presumed = [code('presumed', 'snap'), day('2026-04-12')];
    const applied = await office.call('Account/a/$apply-for-assistance', presumed);
    const [record] = applied.all<Basic & { id: string }>('application');
    const put = await office.put({ resourceType: 'Basic', id: record?.id ?? '', code: record?.code ?? {} });
    expect([put.status, put.codes]).toEqual([409, ['kept-by-the-books']]);
    expect((await decide(`Basic/${record?.id ?? ''}`, 'grant', '2026-04-13')).codes).toEqual(['decided']);
    expect(await office.balance('invoiced')).toBe(0);
  });

  test('8 assistance neighbour: an application that nobody applied for is not decided', async () => {
    await office.invoice(10_000);
    const applied = await office.call('Account/a/$apply-for-assistance', [
      code('presumed', 'snap'),
      day('2026-04-14'),
    ]);
    const [record] = applied.all<Basic & { id: string }>('application');
    const put = await office.put({
      ...record,
      resourceType: 'Basic',
      id: 'by-hand',
      code: record?.code ?? {},
    });
    expect(put.status).toBe(201);
    const answer = await decide('Basic/by-hand', 'grant', '2026-04-15');
    expect([answer.status, answer.codes]).toEqual([422, ['not-an-application']]);
    expect(await office.balance('invoiced')).toBe(100);
    expect((await decide(`Basic/${record?.id ?? ''}`, 'deny', '2026-04-15')).codes).toEqual(['decided']);
  });
});

test('8 assistance: the latest table that holds on the day counts, and nobody gains by rounding', () => {
  const rows = [table('a', '2025-01-01', 14_000), table('b', '2026-01-01', 15_000)];
  expect(tableOn(rows, { state: undefined, day: '2025-12-31' })?.name).toBe('Basic/a');
  const found = tableOn(rows, { state: 'OH', day: '2026-01-01' });
  expect(found?.name).toBe('Basic/b');
  expect(tableOn(rows, { state: undefined, day: '2024-12-31' })).toBeUndefined();
  if (!found) return;
  expect(povertyPercent(found, 3, cents(5_000_001))).toBe(201);
  expect([200, 201, 300, 301].map((percent) => givenAt(found, percent))).toEqual([10_000, 5000, 5000, 0]);
});
