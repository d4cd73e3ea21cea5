import { describe, expect, test } from '@jest/globals';
import type { ChargeItem, ChargeItemDefinition } from '@medplum/fhirtypes';
import request from 'supertest';
import { createApp } from '../../src/app.ts';
import { called } from '../fixture/called.ts';
import { demoPractice, type DemoPractice } from '../fixture/demoPractice.ts';

const hcpcs = 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets';
const item = (more: Partial<ChargeItem> = {}): ChargeItem => ({
  resourceType: 'ChargeItem',
  id: 'asked',
  status: 'billable',
  code: { coding: [{ system: hcpcs, code: 'J0897' }] },
  subject: { reference: 'Patient/walter-brandt' },
  occurrenceDateTime: '2026-07-15',
  quantity: { value: 60 },
  ...more,
});

const apply = (practice: DemoPractice, definition: string, chargeItem = 'ChargeItem/asked') =>
  request(createApp(practice.context))
    .post(`/fhir/ChargeItemDefinition/${definition}/$apply`)
    .send({
      resourceType: 'Parameters',
      parameter: [{ name: 'chargeItem', valueReference: { reference: chargeItem } }],
    });

describe('ChargeItemDefinition/$apply', () => {
  test('answers with the priced ChargeItem and stores it', async () => {
    const practice = await demoPractice();
    await practice.put(item());
    const { status, body } = (await apply(practice, 'charge-j0897')) as { status: number; body: ChargeItem };
    expect(status).toBe(200);
    expect(body).toMatchObject({
      resourceType: 'ChargeItem',
      quantity: { value: 60 },
      priceOverride: { value: 1888.2, currency: 'USD' },
      definitionCanonical: ['https://claimwright.example/fhir/ChargeItemDefinition/charge-j0897'],
    });
    const codes = body.extension?.flatMap((e) => e.valueCodeableConcept?.coding?.[0]?.code ?? []);
    expect(codes).toEqual(['0636', 'JZ']);
    expect((await practice.read<ChargeItem>('ChargeItem', 'asked')).priceOverride).toEqual(
      body.priceOverride,
    );
    const again = (await apply(practice, 'charge-j0897')) as { body: ChargeItem };
    expect(again.body.meta?.versionId).toBe(body.meta?.versionId);
  });

  test('a charge that stands in the ledger gets another price there too', async () => {
    const practice = await demoPractice();
    const charges = (await called(practice.context, 'Encounter/story-07/$capture-charges')).all<ChargeItem>(
      'charge',
    );
    await practice.change<ChargeItemDefinition>('ChargeItemDefinition', 'charge-j0897', (d) => {
      d.propertyGroup = [{ priceComponent: [{ type: 'base', amount: { value: 30, currency: 'USD' } }] }];
    });
    await apply(practice, 'charge-j0897', `ChargeItem/${charges[1]?.id ?? ''}`);
    const reasons = (await practice.journal()).map((e) => e.reason);
    expect(reasons.slice(-2)).toEqual(['charge-reversed', 'charge-captured']);
    expect((await practice.journal()).at(-1)?.postings[0]?.amount).toBe(180000);
  });

  test.each([
    ['a definition of another code', item(), 'charge-j3420', 422, 'code-mismatch'],
    [
      'no quantity to speak of',
      item({ quantity: { value: 0 } }),
      'charge-j0897',
      422,
      'quantity-not-positive',
    ],
    ['a billed charge', item({ status: 'billed' }), 'charge-j0897', 409, 'charge-billed'],
    ['a charge that is not here', undefined, 'charge-j0897', 422, 'charge-unknown'],
  ])('%s is refused, and the store is as before', async (_name, given, definition, status, code) => {
    const practice = await demoPractice();
    if (given) await practice.put(given);
    const before = await practice.state();
    const answer = (await apply(practice, definition)) as {
      status: number;
      body: { issue: { details: { coding: { code: string }[] } }[] };
    };
    expect([answer.status, answer.body.issue[0]?.details.coding[0]?.code]).toEqual([status, code]);
    expect(await practice.state()).toBe(before);
  });

  test('a definition that does not hold on the day, and a price of 10.005, are refused', async () => {
    const practice = await demoPractice();
    await practice.put(item());
    await practice.change<ChargeItemDefinition>('ChargeItemDefinition', 'charge-j0897', (d) => {
      d.effectivePeriod = { start: '2026-08-01' };
      d.propertyGroup = [{ priceComponent: [{ type: 'base', amount: { value: 10.005, currency: 'USD' } }] }];
    });
    const answer = (await apply(practice, 'charge-j0897')) as {
      status: number;
      body: { issue: { details: { coding: { code: string }[] } }[] };
    };
    expect(answer.status).toBe(422);
    expect(answer.body.issue.map((i) => i.details.coding[0]?.code)).toEqual([
      'definition-not-effective',
      'not-whole-cents',
    ]);
  });
});
