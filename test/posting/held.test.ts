import { describe, expect, test } from '@jest/globals';
import type { ClaimResponse, PaymentReconciliation, Task } from '@medplum/fhirtypes';
import { desk, story1Lines, type Clp, type Desk, type Remittance } from './remittance.ts';

const why = async (d: Desk): Promise<string[]> =>
  (await d.all<Task>('Task'))
    .filter((t) => t.code?.coding?.[0]?.code?.startsWith('remittance') === true)
    .map((t) => t.description ?? '');

describe('what does not add up or match is held, the deposit is posted', () => {
  const good = (number: string): Clp => ({ number, lines: story1Lines });
  const cent = (number: string): Clp => ({
    ...good(number),
    lines: [{ ...story1Lines[0], code: 'T1015', charge: 168.45, paid: 96.86 }, ...story1Lines.slice(1)],
  });
  test.each<readonly [string, (a: string, b: string) => Remittance, RegExp, number]>([
    [
      'a cent at a line',
      (a, b) => ({ trace: 'T', clps: [cent(a), good(b)] }),
      /line 1 of the claim does not balance: 0\.01 too little/,
      1,
    ],
    [
      'a cent at the claim',
      (a, b) => ({ trace: 'T', clps: [{ ...good(a), paid: 149.91 }, good(b)] }),
      /the claim does not balance: 0\.01 too little/,
      1,
    ],
    [
      'a cent at the transaction',
      (a, b) => ({ trace: 'T', clps: [good(a), good(b)], paid: 299.85 }),
      /the transaction does not balance: 0\.01 too much/,
      0,
    ],
    [
      'an unknown claim',
      (_, b) => ({ trace: 'T', clps: [{ ...good('NOBODY'), more: [] }, good(b)] }),
      /no claim here/,
      1,
    ],
    [
      'a negative payment that is no reversal',
      (a, b) => ({
        trace: 'T',
        clps: [{ number: a, lines: [{ code: 'T1015', charge: 0, paid: -5, why: 'CO-45 5' }] }, good(b)],
      }),
      /less than nothing is paid/,
      1,
    ],
  ])('%s', async (_, remittance, text, posted) => {
    const d = await desk();
    const a = await d.sent('one');
    const b = await d.sent('two');
    await d.post(remittance(a, b));
    expect(await d.stands('cash')).toBe(
      (await d.all<PaymentReconciliation>('PaymentReconciliation'))[0]?.paymentAmount.value ?? -1,
    );
    expect((await why(d)).join()).toMatch(text);
    const complete = (await d.all<ClaimResponse>('ClaimResponse')).filter((r) => r.outcome === 'complete');
    expect(complete.map((r) => r.request?.reference)).toEqual(posted === 1 ? ['Claim/two'] : []);
    expect(await d.faults()).toEqual([]);
  });

  test('neighbour: a draft and a claim of another practice', async () => {
    const d = await desk();
    const a = await d.sent('one');
    await d.post({ trace: 'T', clps: [good(a)], npi: '1603928171' });
    expect((await why(d)).join()).toContain('another practice');
    expect(await d.faults()).toEqual([]);
  });

  test('neighbour: the same again changes nothing, another one under its number is looked at', async () => {
    const d = await desk();
    const a = await d.sent('one');
    const first = await d.post({ trace: 'T', clps: [good(a)] });
    const again = await d.post({ trace: 'T', clps: [good(a)] });
    expect([again.is, again.reconciliation.id]).toEqual(['again', first.reconciliation.id]);
    const other = await d.post({ trace: 'T', clps: [good('OTHER')] });
    expect(other.is).toBe('differs');
    expect((await why(d)).join()).toContain('another remittance');
    expect(await d.stands('cash')).toBe(149.92);
    expect(await d.faults()).toEqual([]);
  });
});

describe('provider adjustments', () => {
  test.each<readonly [string, NonNullable<Remittance['plb']>[number], string, number, boolean]>([
    ['interest', ['L6', '', -1.5], 'interest-income', -1.5, false],
    ['a withheld tax', ['IR', '', 3], 'tax-withheld', 3, false],
    ['a takeback of an unknown claim', ['WO', 'NOBODY', 20], 'payer-recoupment', 20, true],
    ['a balance that is carried on', ['FB', 'T9', -10], 'forwarding-balance', -10, false],
    ['a code that nobody knows', ['ZZ', 'X', 2], 'unclassified-payer-adjustment', 2, true],
  ])('%s is posted by its code and sign', async (_, plb, account, amount, asks) => {
    const d = await desk();
    const a = await d.sent('one');
    await d.post({ trace: 'T', clps: [{ number: a, lines: story1Lines }], plb: [plb] });
    expect(await d.stands(account as Parameters<Desk['stands']>[0])).toBe(amount);
    expect(await d.stands('unidentified-payer-cash')).toBe(0);
    expect(await d.tasks()).toEqual(asks ? ['provider-adjustment PaymentReconciliation'] : []);
    expect(await d.faults()).toEqual([]);
  });
});

describe('what pays nothing', () => {
  test('a notification posts its denial and expects no deposit', async () => {
    const d = await desk();
    const a = await d.sent('one');
    const lines = story1Lines.map((l) => ({ ...l, paid: 0, why: `CO-197 ${l.charge}` }));
    await d.post({ trace: 'T', clps: [{ number: a, status: '4', lines }] });
    expect(await d.stands('receivable-insurance-denied')).toBe(246.4);
    expect(await d.tasks()).toEqual(['denial Claim']);
    // the payer decides anew without taking the denial back
    await d.post({ trace: 'T2', clps: [{ number: a, lines: story1Lines }] });
    expect(await d.stands('receivable-insurance-denied')).toBe(0);
    expect(await d.stands('receivable-patient-not-invoiced')).toBe(25);
    expect(await d.faults()).toEqual([]);
  });

  test('neighbour: paid twice without reversal, the second payment is owed back', async () => {
    const d = await desk();
    const a = await d.sent('one');
    await d.post({ trace: 'T', clps: [{ number: a, lines: story1Lines }] });
    await d.post({ trace: 'T2', clps: [{ number: a, lines: story1Lines }] });
    expect(await d.stands('unapplied-payer-credit')).toBe(-149.92);
    expect(await d.stands('receivable-patient-not-invoiced')).toBe(25);
    expect(await d.tasks()).toEqual(['paid-again Claim']);
    expect(await d.faults()).toEqual([]);
  });

  test('neighbour: a duplicate (OA-18) beside an answer moves nothing', async () => {
    const d = await desk();
    const a = await d.sent('one');
    await d.post({ trace: 'T', clps: [{ number: a, lines: story1Lines }] });
    const lines = story1Lines.map((l) => ({ ...l, paid: 0, why: `OA-18 ${l.charge}` }));
    await d.post({ trace: 'T2', clps: [{ number: a, status: '4', lines }] });
    expect(await d.stands('receivable-insurance-denied')).toBe(0);
    expect(await d.stands('receivable-patient-not-invoiced')).toBe(25);
    expect(await d.faults()).toEqual([]);
  });

  test('neighbour: a claim that the payer splits into two CLPs is posted by its parts', async () => {
    const d = await desk();
    const a = await d.sent('one');
    const [x, y, z] = story1Lines;
    if (!x || !y || !z) throw new Error('lines');
    await d.post({ trace: 'T', clps: [{ number: a, lines: [{ ...y, number: `${a}-2` }] }] });
    expect(await d.stands('receivable-insurance-open')).toBe(205.2);
    await d.post({
      trace: 'T2',
      clps: [
        {
          number: a,
          lines: [
            { ...x, number: `${a}-1` },
            { ...z, number: `${a}-3` },
          ],
        },
      ],
    });
    expect(await d.stands('receivable-insurance-open')).toBe(0);
    expect(await d.stands('receivable-patient-not-invoiced')).toBe(25);
    expect(await d.faults()).toEqual([]);
  });
});
