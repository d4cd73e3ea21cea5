import { describe, expect, test } from '@jest/globals';
import type { ClaimResponse, ExplanationOfBenefit, PaymentReconciliation, Task } from '@medplum/fhirtypes';
import { desk, story1Lines } from './remittance.ts';

describe('an 835 of a claim that is paid', () => {
  test('posts the deposit, the payment from it, the contractual write-off and the share of the patient', async () => {
    const d = await desk();
    const number = await d.sent('one');
    expect(await d.faults()).toEqual([]);
    const { is, reconciliation } = await d.post({ trace: 'T1', clps: [{ number, lines: story1Lines }] });
    expect(is).toBe('new');
    expect(await d.tasks()).toEqual([]);
    expect(reconciliation).toMatchObject({ outcome: 'complete', paymentAmount: { value: 149.92 } });
    expect(await d.stands('cash')).toBe(149.92);
    expect(await d.stands('unidentified-payer-cash')).toBe(0);
    expect(await d.stands('contractual-adjustment')).toBe(71.48);
    expect(await d.stands('receivable-insurance-open')).toBe(0);
    expect(await d.stands('receivable-patient-not-invoiced')).toBe(25);
    const [response] = await d.all<ClaimResponse>('ClaimResponse');
    expect(response).toMatchObject({
      outcome: 'complete',
      payment: { amount: { value: 149.92 }, date: '2026-02-04' },
    });
    expect(response?.meta?.versionId).toBe('2'); // the queued one was the first
    const [eob] = await d.all<ExplanationOfBenefit>('ExplanationOfBenefit');
    expect(eob?.claimResponse?.reference).toBe(`ClaimResponse/${response?.id ?? ''}`);
    const [remittance, ...others] = await d.all<PaymentReconciliation>('PaymentReconciliation');
    expect(others).toEqual([]);
    expect(remittance?.detail).toMatchObject([
      {
        request: { reference: 'Claim/one' },
        response: { reference: `ClaimResponse/${response?.id ?? ''}` },
        amount: { value: 149.92 },
      },
    ]);
    const [task] = (await d.all<Task>('Task')).filter((t) => t.code?.coding?.[0]?.code === 'submission');
    expect(task).toMatchObject({ status: 'completed', businessStatus: { text: 'answered' } });
    expect(await d.faults()).toEqual([]);
  });
});
