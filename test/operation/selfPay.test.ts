import { beforeEach, expect, test } from '@jest/globals';
import type { ChargeItem, Invoice, ParametersParameter, PaymentNotice } from '@medplum/fhirtypes';
import { openOf } from '../../src/billing/ledger/index.ts';
import { cents } from '../../src/datatypes/cents.ts';
import { readResource, updateResource } from '../../src/interaction/repository.ts';
import {
  answerClaim,
  captureVisit,
  openPractice,
  submitVisit,
  type Practice,
} from '../fixture/answeredVisit.ts';
import { businessDate, called, payment, type Called } from '../fixture/called.ts';
import { decisionsOf, storyClaim } from '../fixture/storyClaim.ts';
import { testContext } from '../context.ts';

let practice: Practice;
beforeEach(async () => {
  practice = await openPractice(await testContext());
});
const on = (day: string): ParametersParameter[] => [businessDate(day)];
const call = (path: string, parameters: readonly ParametersParameter[] = on('2026-02-18')): Promise<Called> =>
  called(practice.context, path, parameters);
const invoiceOf = (answer: Called): Invoice | undefined => answer.all<Invoice>('invoice')[0];
const story8 = [cents(16845), cents(4460)];
const generate = 'Encounter/eight/$generate-invoice';

test('a visit without Coverage is invoiced at list price, straight from its charges (story 8)', async () => {
  await captureVisit(practice, { name: 'eight', on: '2026-02-17', charges: story8 });
  const answer = await call(generate);
  expect(answer.codes).toContain('created');
  const invoice = invoiceOf(answer);
  expect(invoice?.totalNet).toEqual({ value: 213.05, currency: 'USD' });
  expect(invoice?.lineItem?.map((l) => l.chargeItemReference?.reference)).toEqual([
    'ChargeItem/eight-1',
    'ChargeItem/eight-2',
  ]);
  const charge = await readResource<ChargeItem>(practice.context.store, 'ChargeItem', 'eight-1');
  expect(charge.status).toBe('billed');
  const journal = await practice.context.store.journal('Account/a');
  const last = journal.at(-1);
  expect([last?.reason, last?.on, last?.postings.map((p) => [p.account, p.amount])]).toEqual([
    'self-pay-invoiced',
    '2026-02-18',
    [
      ['receivable-patient-invoiced', 16845],
      ['receivable-patient-invoiced', 4460],
      ['receivable-unbilled', -16845],
      ['receivable-unbilled', -4460],
    ],
  ]);
  const again = await call(generate);
  expect(again.codes).toContain('already-there');
  expect(invoiceOf(again)).toEqual(invoice);
});

test('a late charge gives a successor that takes over the payments', async () => {
  await captureVisit(practice, { name: 'eight', on: '2026-02-17', charges: story8.slice(0, 1) });
  const first = invoiceOf(await call(generate));
  await call(`Invoice/${first?.id ?? ''}/$record-payment`, payment(100, 'r', on('2026-02-20')));
  await captureVisit(practice, { name: 'eight', on: '2026-02-17', charges: story8 });
  const answer = await call(generate, on('2026-02-21'));
  const successor = invoiceOf(answer);
  expect(successor?.totalNet?.value).toBe(113.05);
  expect(successor?.lineItem).toHaveLength(2);
  const old = await readResource<Invoice>(practice.context.store, 'Invoice', first?.id ?? '');
  expect([old.status, old.cancelledReason]).toEqual([
    'cancelled',
    `replaced by Invoice/${successor?.id ?? ''}`,
  ]);
  const journal = await practice.context.store.journal('Account/a');
  expect(openOf(journal, `Invoice/${first?.id ?? ''}`)).toBe(0);
  expect(openOf(journal, `Invoice/${successor?.id ?? ''}`)).toBe(11305);
});

test('while a Coverage is active the payer is asked first: no Invoice', async () => {
  await captureVisit(practice, { name: 'eight', on: '2026-02-17', charges: story8 });
  await practice.context.store.transaction((tx) =>
    updateResource(practice.context, tx, {
      resourceType: 'Coverage',
      id: 'c',
      status: 'active',
      order: 1,
      beneficiary: { reference: practice.patient },
      payor: [{ reference: 'Organization/first' }],
      period: { start: '2026-01-01' },
    }),
  );
  const answer = await call(generate);
  expect([answer.status, answer.codes.at(-1), answer.all('invoice')]).toEqual([200, 'coverage-active', []]);
  const balance = await call('Account/a/$balance', []);
  expect(amounts(balance)).toEqual({
    insurance: 213.05,
    patient: 0,
    invoiced: 0,
    unapplied: 0,
    total: 213.05,
  });
});

const names = ['insurance', 'patient', 'invoiced', 'unapplied', 'total'];
const amounts = (answer: Called): Record<string, number | undefined> =>
  Object.fromEntries(names.map((n) => [n, answer.parameters.find((p) => p.name === n)?.valueMoney?.value]));
const asOf = (valueDate: string): ParametersParameter[] => [{ name: 'asOf', valueDate }];

test('a deposit above the charges settles the visit without an Invoice; when it bounces the Invoice follows', async () => {
  await captureVisit(practice, { name: 'eight', on: '2026-02-17', charges: story8 });
  const encounter = { name: 'encounter', valueReference: { reference: 'Encounter/eight' } };
  const paid = await call(
    'Account/a/$record-payment',
    payment(300, 'deposit', [encounter, ...on('2026-02-17')]),
  );
  const none = await call(generate);
  expect([none.codes.includes('nothing-owed'), none.all('invoice')]).toEqual([true, []]);
  expect(amounts(await call('Account/a/$balance', asOf('2026-02-18')))).toEqual({
    insurance: 0,
    patient: 0,
    invoiced: 0,
    unapplied: 86.95,
    total: -86.95,
  });
  const reason = { name: 'reason', valueString: 'bounced' };
  const id = paid.all<PaymentNotice>('receipt')[0]?.id ?? '';
  const back = await call(`PaymentNotice/${id}/$reverse`, [reason, ...on('2026-02-19')]);
  expect(back.codes.slice(0, 2)).toEqual(['reversed', 'credit-released']);
  expect(invoiceOf(await call(generate, on('2026-02-20')))?.totalNet?.value).toBe(213.05);
});

test('the balance follows story 10 day by day and its entries add up to it', async () => {
  await captureVisit(practice, { name: 'ten', on: '2026-06-09', charges: [] });
  const encounter = { name: 'encounter', valueReference: { reference: 'Encounter/ten' } };
  await call('Account/a/$record-payment', payment(25, 'copay', [encounter, ...on('2026-06-09')]));
  const decisions = decisionsOf(storyClaim('10'));
  const charges = decisions.map((d) => d.submitted);
  await captureVisit(practice, { name: 'ten', on: '2026-06-09', charges });
  await submitVisit(practice, { name: 'ten', claim: 'ten', on: '2026-06-10', charges });
  await answerClaim(practice, { name: 'ten', claim: 'ten', payer: 'first', on: '2026-06-24', decisions });
  const invoice = invoiceOf(await call('ExplanationOfBenefit/ten/$generate-invoice', on('2026-06-24')));
  const path = `Invoice/${invoice?.id ?? ''}/$record-payment`;
  await call(path, payment(60, 'card', on('2026-07-02')));
  await call(path, payment(100, 'check', on('2026-07-20')));
  const days: Record<string, Record<string, number>> = {
    '2026-06-08': { insurance: 0, patient: 0, invoiced: 0, unapplied: 0, total: 0 },
    '2026-06-09': { insurance: 0, patient: 592.2, invoiced: 0, unapplied: 25, total: 567.2 },
    '2026-06-10': { insurance: 592.2, patient: 0, invoiced: 0, unapplied: 25, total: 567.2 },
    '2026-06-24': { insurance: 0, patient: 131.26, invoiced: 131.26, unapplied: 0, total: 131.26 },
    '2026-07-02': { insurance: 0, patient: 71.26, invoiced: 71.26, unapplied: 0, total: 71.26 },
    '2026-07-20': { insurance: 0, patient: 0, invoiced: 0, unapplied: 28.74, total: -28.74 },
  };
  for (const [day, expected] of Object.entries(days)) {
    const answer = await call('Account/a/$balance', asOf(day));
    expect([day, amounts(answer)]).toEqual([day, expected]);
    const sums = new Map<string, number>();
    for (const entry of answer.parameters.filter((p) => p.name === 'entry')) {
      const part = entry.part?.find((p) => p.name === 'part')?.valueCode ?? '';
      const amount = Math.round((entry.part?.find((p) => p.name === 'amount')?.valueMoney?.value ?? 0) * 100);
      sums.set(part, (sums.get(part) ?? 0) + amount);
      expect(entry.part?.map((p) => p.name)).toEqual([
        'date',
        'reason',
        'source',
        'account',
        'part',
        'amount',
      ]);
    }
    expect([sums.get('invoiced') ?? 0, sums.get('unapplied') ?? 0]).toEqual(
      [expected['invoiced'], expected['unapplied']].map((v) => Math.round((v ?? 0) * 100)),
    );
  }
});

test('a denied and a pended claim stay in the insurance part', async () => {
  for (const [name, story] of [
    ['four', '4'],
    ['six', '6 answered'],
  ] as const) {
    const decisions = decisionsOf(storyClaim(story));
    const charges = decisions.map((d) => d.submitted);
    await captureVisit(practice, { name, on: '2026-04-22', charges });
    await submitVisit(practice, { name, claim: name, on: '2026-04-23', charges });
    const reply = { name, claim: name, payer: 'first', on: '2026-05-07' } as const;
    await answerClaim(practice, { ...reply, decisions: story === '4' ? decisions : 'queued' });
  }
  const answer = await call('Account/a/$balance', []);
  expect(amounts(answer)).toEqual({
    insurance: 4176.9,
    patient: 0,
    invoiced: 0,
    unapplied: 0,
    total: 4176.9,
  });
});

test('a balance as of what is no date is refused', async () => {
  const answer = await call('Account/a/$balance', asOf('2026-02'));
  expect(answer.status).toBe(400);
});
