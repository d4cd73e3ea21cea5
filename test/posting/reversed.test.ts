import { describe, expect, test } from '@jest/globals';
import type { Claim, ClaimResponse, ExplanationOfBenefit, Invoice, Task } from '@medplum/fhirtypes';
import { callOperation } from '../../src/operation/run.ts';
import { called } from '../fixture/called.ts';
import { desk, reversalOf, story1Lines, type Clp, type Desk } from './remittance.ts';

const first = (number: string): Clp => ({ number, payerNumber: 'ICN1', lines: story1Lines });
const corrected = (number: string, share: number): Clp => ({
  number,
  payerNumber: 'ICN1A',
  lines: [
    { code: 'T1015', charge: 168.45, paid: 121.87 - share, why: `CO-45 46.58; PR-3 ${share}` },
    ...story1Lines.slice(1),
  ],
});
const patient = async (d: Desk): Promise<number> =>
  (await d.stands('receivable-patient-not-invoiced')) + (await d.stands('receivable-patient-invoiced'));
const invoiced = async (d: Desk): Promise<void> => {
  const [eob] = await d.all<ExplanationOfBenefit>('ExplanationOfBenefit');
  await callOperation(d.context, 'generate-invoice', { type: 'ExplanationOfBenefit', id: eob?.id ?? '' }, []);
};

describe('an answer that the payer takes back', () => {
  test('reopens exactly what it had posted, and the claim waits for its correction', async () => {
    const d = await desk();
    const number = await d.sent('one');
    await d.post({ trace: 'T1', clps: [first(number)] });
    await d.post({
      trace: 'T2',
      clps: [reversalOf(first(number))],
      plb: [['WO', number, -149.92]],
    });
    expect(await d.stands('receivable-insurance-open', 'one')).toBe(246.4);
    expect(await patient(d)).toBe(0);
    expect(await d.stands('contractual-adjustment')).toBe(0);
    expect(await d.stands('payer-recoupment')).toBe(-149.92);
    expect(await d.stands('cash')).toBe(149.92);
    expect(await d.stands('unidentified-payer-cash')).toBe(0);
    expect(await d.tasks()).toEqual(['correction-awaited Claim', 'submission Claim']);
    const responses = await d.all<ClaimResponse>('ClaimResponse');
    expect(responses.map((r) => r.status)).toEqual(['cancelled', 'active']);
    await expect(d.submit('one')).rejects.toMatchObject({ status: 409 });
    expect(await d.faults()).toEqual([]);
    // the money is taken later: the same money, not twice
    await d.post({
      trace: 'T3',
      clps: [],
      plb: [
        ['WO', number, 149.92],
        ['CS', '', -149.92],
      ],
    });
    expect(await d.stands('payer-recoupment')).toBe(0);
    expect(await d.faults()).toEqual([]);
  });

  test('with its correction in the same 835: only the difference is left, and an Invoice that was paid follows it', async () => {
    const d = await desk();
    const number = await d.sent('one');
    await d.post({ trace: 'T1', clps: [first(number)] });
    await invoiced(d);
    const [invoice] = await d.all<Invoice>('Invoice');
    await callOperation(d.context, 'record-payment', { type: 'Invoice', id: invoice?.id ?? '' }, [
      { name: 'amount', valueMoney: { value: 25, currency: 'USD' } },
      { name: 'method', valueCode: 'check' },
      { name: 'reference', valueString: '1001' },
    ]);
    expect(await patient(d)).toBe(0);
    await d.post({
      trace: 'T2',
      clps: [reversalOf(first(number)), corrected(number, 40)],
      plb: [['WO', number, -15]],
    });
    expect(await patient(d)).toBe(15);
    const invoices = await d.all<Invoice>('Invoice');
    expect(invoices.map((i) => `${i.status} ${i.totalNet?.value ?? 0}`)).toEqual([
      'cancelled 25',
      'issued 15',
    ]);
    expect(await d.stands('unapplied-patient-credit')).toBe(0);
    expect(await d.tasks()).toEqual(['reversal-review Invoice']);
    expect(await d.faults()).toEqual([]);
  });

  test('and corrected to a smaller share: what the patient paid too much is credit', async () => {
    const d = await desk();
    const number = await d.sent('one');
    await d.post({ trace: 'T1', clps: [first(number)] });
    await invoiced(d);
    const [invoice] = await d.all<Invoice>('Invoice');
    await callOperation(d.context, 'record-payment', { type: 'Invoice', id: invoice?.id ?? '' }, [
      { name: 'amount', valueMoney: { value: 25, currency: 'USD' } },
      { name: 'method', valueCode: 'check' },
      { name: 'reference', valueString: '1001' },
    ]);
    await d.post({ trace: 'T2', clps: [reversalOf(first(number)), corrected(number, 10)] });
    expect(await patient(d)).toBe(0);
    expect(await d.stands('unapplied-patient-credit')).toBe(-15);
    expect(await d.faults()).toEqual([]);
  });

  test.each([
    ['as it happened', [0, 1, 2]],
    ['correction before reversal', [0, 2, 1]],
  ])('in any order gives the same balances: %s', async (_, order) => {
    const d = await desk();
    const number = await d.sent('one');
    const remittances = [
      { trace: 'T1', date: '20260204', clps: [first(number)] },
      {
        trace: 'T2',
        date: '20260210',
        clps: [reversalOf(first(number))],
        plb: [['WO', number, -149.92]] as const,
      },
      { trace: 'T3', date: '20260210', clps: [corrected(number, 40)] },
    ];
    for (const i of order) await d.post(remittances[i] ?? { trace: '', clps: [] });
    expect(await patient(d)).toBe(40);
    expect(await d.stands('receivable-insurance-open')).toBe(0);
    expect(await d.stands('unapplied-payer-credit')).toBe(0);
    expect(await d.stands('cash')).toBe(284.84);
    expect(await d.stands('payer-recoupment')).toBe(-149.92);
    expect(await d.faults()).toEqual([]);
  });

  test('that was never posted is held, and posted once it was', async () => {
    const d = await desk();
    const number = await d.sent('one');
    await d.post({ trace: 'T2', clps: [reversalOf(first(number))], plb: [['WO', number, -149.92]] });
    expect(await d.tasks()).toEqual(['remittance-claim PaymentReconciliation', 'submission Claim']);
    const [task] = (await d.all<Task>('Task')).filter(
      (t) => t.code?.coding?.[0]?.code === 'remittance-claim',
    );
    expect(task?.description).toContain('never posted');
    expect(await d.stands('receivable-insurance-open')).toBe(246.4);
    expect(await d.faults()).toEqual([]);
    expect((await d.read<Claim>('Claim', 'one')).status).toBe('active');
    await d.post({ trace: 'T1', clps: [first(number)] });
    expect(await d.stands('receivable-insurance-open')).toBe(246.4);
    expect(await d.stands('payer-recoupment')).toBe(-149.92);
    expect(await d.tasks()).toEqual(['correction-awaited Claim', 'submission Claim']);
    expect(await d.faults()).toEqual([]);
  });

  test('what was denied and transferred to the patient is not asked of him when the payer pays it after all', async () => {
    const d = await desk();
    const number = await d.sent('one');
    const denied: Clp = {
      number,
      payerNumber: 'ICN1',
      lines: [{ code: 'T1015', charge: 168.45, paid: 0, why: 'CO-197 168.45' }, ...story1Lines.slice(1)],
    };
    await d.post({ trace: 'T1', clps: [denied] });
    const content = [{ attachment: { title: 'waiver' } }];
    await d.put({ resourceType: 'DocumentReference', id: 'waiver', status: 'current', content });
    const transfer = () =>
      called(d.context, 'Claim/one/$transfer', [
        { name: 'amount', valueMoney: { value: 100, currency: 'USD' } },
        { name: 'reason', valueCode: 'signed-waiver' },
        { name: 'document', valueReference: { reference: 'DocumentReference/waiver' } },
        { name: 'reference', valueString: 'T-1' },
      ]);
    const [task] = (await transfer()).all<Task>('task');
    expect((await called(d.context, `Task/${task?.id ?? ''}/$approve`)).codes).toEqual(['transferred']);
    await invoiced(d);
    expect([await patient(d), await d.stands('receivable-insurance-denied', 'one')]).toEqual([100, 68.45]);
    await d.post({ trace: 'T2', clps: [reversalOf(denied)], plb: [['WO', number, -53.05]] });
    expect([await patient(d), await d.stands('receivable-insurance-denied', 'one')]).toEqual([0, 0]);
    expect(await d.faults()).toEqual([]);
    await d.post({ trace: 'T3', clps: [corrected(number, 0)], plb: [['WO', number, 53.05]] });
    await invoiced(d);
    expect([await patient(d), await d.stands('receivable-insurance-denied', 'one')]).toEqual([0, 0]);
    expect(await d.faults()).toEqual([]);
  });
});
