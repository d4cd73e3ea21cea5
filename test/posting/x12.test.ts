import { afterEach, describe, expect, test } from '@jest/globals';
import type { ExplanationOfBenefit, PaymentReconciliation } from '@medplum/fhirtypes';
import supertest from 'supertest';
import { createApp } from '../../src/app.ts';
import { storeFaults } from '../../src/command/verify/readBooks.ts';
import { eachStore } from '../http/eachStore.ts';
import { openOffice, type Office } from '../firm/office.ts';
import { paidClp, sentClaims, sentNumber } from '../fixture/sentClaims.ts';
import { interchangeText } from './remittance.ts';

describe.each(eachStore('posting-x12'))('an 835 that is POSTed, %s', (_, open) => {
  let office: Office | undefined;
  afterEach(async () => office?.close());

  test('4 $process-x12 posts its claims, and the same file again changes nothing', async () => {
    office = await openOffice(open, { payer: 'none' });
    const { context } = office;
    await sentClaims(context, 0, { count: 3 });
    const text = interchangeText({ trace: 'X1', clps: [0, 1, 2].map((i) => paidClp(sentNumber(i))) });
    for (let time = 0; time < 2; time += 1) {
      const answer = await supertest(createApp(context))
        .post('/fhir/$process-x12')
        .set('Content-Type', 'application/EDI-X12')
        .send(text);
      expect(answer.status).toBe(200);
      const [payment, ...others] = await office.find<PaymentReconciliation>('PaymentReconciliation');
      expect(others).toEqual([]);
      expect(payment).toMatchObject({ outcome: 'complete', paymentAmount: { value: 202.5 } });
      expect(await office.find<ExplanationOfBenefit>('ExplanationOfBenefit')).toHaveLength(3);
    }
    expect((await storeFaults(context.store, Date.parse(context.now()) + 3_600_000_000)).faults).toEqual([]);
  });
});
