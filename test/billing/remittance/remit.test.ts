import { expect, test } from '@jest/globals';
import type { ClaimResponse } from '@medplum/fhirtypes';
import { remit } from '../../../src/billing/remittance/remit.ts';
import { cents } from '../../../src/datatypes/cents.ts';
import { system } from '../../../src/terminology/system.ts';

const response = (paid: number): ClaimResponse => ({
  resourceType: 'ClaimResponse',
  id: 'r',
  status: 'active',
  type: { coding: [{ system: system.claimType, code: 'professional' }] },
  use: 'claim',
  patient: { reference: 'Patient/p' },
  created: '2026-02-04',
  insurer: { reference: 'Organization/payer' },
  requestor: { reference: 'Organization/clinic' },
  request: { reference: 'Claim/c' },
  outcome: 'complete',
  identifier: [{ system: system.payerClaimControlNumber, value: 'ICN1' }],
  payment: { type: { text: 'complete' }, date: '2026-02-04', amount: { value: paid, currency: 'USD' } },
});
const amounts = (paid: number, takenBack?: number): (number | undefined)[] =>
  remit(response(paid), takenBack === undefined ? undefined : cents(takenBack)).detail?.map(
    (d) => d.amount?.value,
  ) ?? [];

test('a remittance names payer, claim, answer and what was paid', () => {
  expect(remit(response(149.92))).toMatchObject({
    identifier: [{ system: system.remittanceNumber, value: 'RAICN1' }],
    paymentIssuer: { reference: 'Organization/payer' },
    paymentDate: '2026-02-04',
    paymentAmount: { value: 149.92, currency: 'USD' },
    detail: [
      {
        request: { reference: 'Claim/c' },
        response: { reference: 'ClaimResponse/r' },
        amount: { value: 149.92 },
      },
    ],
  });
});

test('there is a remittance of 0.00 too', () => {
  expect(remit(response(0)).paymentAmount).toEqual({ value: 0, currency: 'USD' });
  expect(amounts(0)).toEqual([0]);
});

test('what was paid and taken back at once is shown and comes to nothing', () => {
  expect(amounts(0, 24640)).toEqual([246.4, -246.4, 0]);
});
