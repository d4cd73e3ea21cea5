import { describe, expect, test } from '@jest/globals';
import type { Basic, Claim, Parameters, Task } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { interestOpen, lateOf, promptPayOn, promptPayRows } from '../../../src/billing/contract/latePay.ts';
import { cents, interestOf } from '../../../src/datatypes/cents.ts';
import { addDays } from '../../../src/datatypes/date.ts';
import { latePayWork } from '../../../src/operation/contract/latePayWork.ts';
import { callOperation } from '../../../src/operation/run.ts';
import { extension, system } from '../../../src/terminology/system.ts';
import { desk, paidOf, reversalOf, story1Lines, type Clp, type Desk } from '../../posting/remittance.ts';

const row = (
  id: string,
  parts: NonNullable<NonNullable<Basic['extension']>[number]['extension']>,
): Basic & { id: string } => ({
  resourceType: 'Basic',
  id,
  code: { coding: [{ system: system.basic, code: 'prompt-pay' }] },
  extension: [
    {
      url: extension.promptPay,
      extension: [
        { url: 'period', valuePeriod: { start: '2020-01-01' } },
        { url: 'source', valueString: 'an example' },
        ...parts,
      ],
    },
  ],
});
const state = row('ma', [
  { url: 'state', valueCode: 'MA' },
  { url: 'days', valuePositiveInt: 45 },
  { url: 'rate', valueDecimal: 18 },
]);
const own = row('juniper', [
  { url: 'payer', valueReference: { reference: 'Organization/juniper-ridge' } },
  { url: 'days', valuePositiveInt: 30 },
  { url: 'rate', valueDecimal: 4.625 },
]);

describe('12.6 late payment: days and interest', () => {
  test('the row of the payer counts before that of the state; a row that says nothing does not count', () => {
    const rows = promptPayRows([state, own, row('bad', [{ url: 'days', valuePositiveInt: 5 }])]);
    const days = (payer: string, of: string | undefined, day = '2026-03-01'): number | undefined =>
      promptPayOn(rows, { payer, state: of, day })?.days;
    expect(days('Organization/juniper-ridge', 'MA')).toBe(30);
    expect(days('Organization/other', 'MA')).toBe(45);
    expect(days('Organization/other', 'NY')).toBeUndefined();
    expect(days('Organization/other', 'MA', '2019-12-31')).toBeUndefined();
  });

  test.each([
    [18_000, 365, 100_00, 18_00],
    [18_000, 10, 96_87, 48], // 0.4777…
    [4_625, 1, 100_00, 1], // 1.27 cents
    [0, 100, 100_00, 0],
  ])('%d thousandths of a percent for %d days of %d cents are %d', (rate, days, amount, interest) => {
    expect(interestOf(rate, days, cents(amount))).toBe(interest);
  });

  test('neighbour: only what came after the last day owes interest, and never less than nothing is open', () => {
    const [law] = promptPayRows([state]);
    if (!law) throw new Error('no row');
    const payment = fc.record({
      amount: fc.integer({ min: 0, max: 1_000_000 }).map(cents),
      on: fc.integer({ min: -60, max: 400 }).map((days) => addDays('2026-03-01', days)),
      interest: fc.integer({ min: 0, max: 5_000 }).map(cents),
    });
    fc.assert(
      fc.property(fc.array(payment, { maxLength: 4 }), (payments) => {
        const late = lateOf(law, '2026-03-01', payments);
        const inTime = payments.every(({ on, amount }) => on <= '2026-03-01' || amount === 0);
        expect(late.interest === 0 || !inTime).toBe(true);
        expect(interestOpen(late)).toBeGreaterThanOrEqual(0);
        expect(interestOpen(late)).toBeLessThanOrEqual(late.interest);
      }),
    );
  });
});

const one: Clp = { number: 'ONE', payerNumber: 'ICN1', lines: story1Lines };

async function night(d: Desk, date: string): Promise<number> {
  const { context } = d;
  let count = 0;
  for (let after: string | undefined; ;) {
    const items = await latePayWork.next(context, { date }, { after, count: 100 });
    if (items.length === 0) return count;
    for (const item of items)
      await context.store.transaction((tx) => latePayWork.one(context, tx, item, { date }));
    count += items.length;
    after = items.at(-1);
  }
}

const task = async (d: Desk, code: string): Promise<Task | undefined> =>
  (await d.all<Task>('Task')).find((t) => t.code?.coding?.[0]?.code === code);

describe('12.6 the nightly work late-pay', () => {
  test('12.6 a claim without a decision in time is told once; one that is paid late owes interest; it is reported', async () => {
    const d = await desk();
    await d.sent('one');
    expect(await night(d, '2026-12-01')).toBe(0); // without a table nobody is late
    await d.put(own);
    const [claim] = await d.all<Claim>('Claim');
    const sent = claim?.created.slice(0, 10) ?? '';
    const due = addDays(sent, 30);
    await night(d, due);
    expect(await task(d, 'late-payment')).toBeUndefined();
    await night(d, addDays(due, 1));
    await night(d, addDays(due, 2));
    const told = await task(d, 'late-payment');
    expect(told).toMatchObject({ status: 'requested', focus: { reference: 'Claim/one' } });
    expect(told?.description).toContain('4.625 % interest');
    const paidOn = addDays(due, 100);
    const date = paidOn.replaceAll('-', '');
    await d.post({ trace: 'T1', date, clps: [{ ...one, more: ['AMT*I*1'] }], plb: [['L6', 'ONE', -1]] });
    await night(d, addDays(paidOn, 1));
    expect((await task(d, 'late-payment'))?.status).toBe('completed');
    const kept = await task(d, 'late-paid');
    const paid = 149.92;
    const interest = Math.round((paid * 4.625 * 100 * 100) / 36_500) / 100;
    expect(kept?.output?.map((o) => [o.id, o.valueMoney?.value])).toEqual([
      ['paid', paid],
      ['interest', interest],
      ['received', 1],
    ]);
    expect((await task(d, 'interest-due'))?.description).toContain(`ask for ${(interest - 1).toFixed(2)}`);
    const report = await callOperation(
      d.context,
      'underpayments',
      { type: 'Organization', id: 'alder-street-clinic' },
      [
        { name: 'start', valueDate: '2025-01-01' },
        { name: 'end', valueDate: '2026-12-31' },
      ],
    );
    const [line] = ((JSON.parse(String(report.body)) as Parameters).parameter ?? []).filter(
      (p) => p.name === 'payer',
    );
    const of = (name: string) => line?.part?.find((p) => p.name === name)?.valueMoney?.value;
    expect([of('late'), of('interest'), of('received')]).toEqual([paid, interest, 1]);
    expect(await d.faults()).toEqual([]);
    // the same night again changes nothing, and what somebody closed stays closed
    const version = kept?.meta?.versionId;
    await night(d, addDays(paidOn, 2));
    expect((await task(d, 'late-paid'))?.meta?.versionId).toBe(version);
  });

  test('12.6 neighbour: a late payment that is taken back owes no interest any more', async () => {
    const d = await desk();
    await d.put(own);
    await d.sent('one');
    const [claim] = await d.all<Claim>('Claim');
    const paidOn = addDays(claim?.created.slice(0, 10) ?? '', 130);
    await d.post({ trace: 'T1', date: paidOn.replaceAll('-', ''), clps: [one] });
    await night(d, addDays(paidOn, 1));
    expect((await task(d, 'interest-due'))?.status).toBe('requested');
    await d.post({
      trace: 'T2',
      date: addDays(paidOn, 5).replaceAll('-', ''),
      clps: [reversalOf(one)],
      plb: [['FB', 'T2', -paidOf(one)]],
    });
    await night(d, addDays(paidOn, 6));
    expect((await task(d, 'interest-due'))?.status).toBe('completed');
    expect((await task(d, 'late-paid'))?.output?.map((o) => [o.id, o.valueMoney?.value])).toEqual([
      ['paid', 0],
      ['interest', 0],
      ['received', 0],
    ]);
    expect((await task(d, 'late-payment'))?.status).toBe('requested');
  });

  test('12.6 neighbour: paid in time owes nothing', async () => {
    const d = await desk();
    await d.put(own);
    await d.sent('one');
    const [claim] = await d.all<Claim>('Claim');
    const on = addDays(claim?.created.slice(0, 10) ?? '', 30);
    await d.post({ trace: 'T1', date: on.replaceAll('-', ''), clps: [one] });
    await night(d, addDays(on, 300));
    for (const code of ['late-payment', 'late-paid', 'interest-due'])
      expect(await task(d, code)).toBeUndefined();
  });
});
