import { describe, expect, test } from '@jest/globals';
import type { Account, ChargeItemDefinition, Coverage, Encounter } from '@medplum/fhirtypes';
import request from 'supertest';
import { createApp } from '../../src/app.ts';
import { demoPractice, type DemoPractice } from '../fixture/demoPractice.ts';

interface BadRow {
  readonly name: string;
  readonly story: string;
  readonly spoil: (practice: DemoPractice) => Promise<void>;
  readonly faults: readonly (readonly [code: string, expression: string])[];
}

const bad: readonly BadRow[] = [
  {
    name: 'an Encounter still in progress',
    story: 'story-01',
    spoil: (p) => p.change<Encounter>('Encounter', 'story-01', (e) => (e.status = 'in-progress')),
    faults: [['encounter-not-finished', 'Encounter.status']],
  },
  {
    name: 'an Encounter without patient, provider and date: all faults at once',
    story: 'story-01',
    spoil: (p) =>
      p.change<Encounter>('Encounter', 'story-01', (e) => {
        delete e.subject;
        delete e.serviceProvider;
        delete e.period;
      }),
    faults: [
      ['encounter-date-missing', 'Encounter.period.start'],
      ['patient-missing', 'Encounter.subject'],
      ['provider-missing', 'Encounter.serviceProvider'],
    ],
  },
  {
    name: 'an Encounter that names nobody who gave the care',
    story: 'story-02',
    spoil: (p) => p.change<Encounter>('Encounter', 'story-02', (e) => delete e.participant),
    faults: [['provider-missing', 'Encounter.participant']],
  },
  {
    name: 'nothing that gives a diagnosis',
    story: 'story-02',
    spoil: async (p) => {
      await p.change<Encounter>('Encounter', 'story-02', (e) => delete e.diagnosis);
      await p.remove('Condition', 'story-02-knee');
    },
    faults: [['diagnosis-missing', 'Encounter.diagnosis']],
  },
  {
    name: 'two Coverages of the same order',
    story: 'story-07',
    spoil: (p) => p.change<Coverage>('Coverage', 'walter-brandt-ppo', (c) => (c.order = 1)),
    faults: [['coverage-order-conflict', 'Coverage.order']],
  },
  {
    name: 'a Coverage named by the Account that ended before the visit',
    story: 'story-10',
    spoil: async (p) => {
      await p.change<Coverage>('Coverage', 'dana-prescott-ppo', (c) => (c.period = { end: '2026-05-31' }));
      await p.change<Account>('Account', 'dana-prescott-alder-street', (a) => {
        a.coverage = [{ coverage: { reference: 'Coverage/dana-prescott-ppo' }, priority: 1 }];
      });
    },
    faults: [['coverage-not-active', 'Account.coverage[0]']],
  },
  {
    name: 'a price of 10.005',
    story: 'story-01',
    spoil: (p) =>
      p.change<ChargeItemDefinition>('ChargeItemDefinition', 'charge-t1015', (d) => {
        d.propertyGroup = [
          { priceComponent: [{ type: 'base', amount: { value: 10.005, currency: 'USD' } }] },
        ];
      }),
    faults: [['not-whole-cents', 'ChargeItemDefinition.propertyGroup[0].priceComponent[0].amount.value']],
  },
  {
    name: 'a price in another currency',
    story: 'story-01',
    spoil: (p) =>
      p.change<ChargeItemDefinition>('ChargeItemDefinition', 'charge-t1015', (d) => {
        d.propertyGroup = [{ priceComponent: [{ type: 'base', amount: { value: 10, currency: 'EUR' } }] }];
      }),
    faults: [['currency', 'ChargeItemDefinition.propertyGroup[0].priceComponent[0].amount.currency']],
  },
];

describe('what is unfit for billing is refused through HTTP, and the store is as before', () => {
  test.each(bad)('$name', async ({ story, spoil, faults }) => {
    const practice = await demoPractice();
    await spoil(practice);
    const before = await practice.state();
    const { status, body } = (await request(createApp(practice.context)).post(
      `/fhir/Encounter/${story}/$generate-claim`,
    )) as { status: number; body: unknown };
    const issues = (
      body as {
        issue: { severity: string; expression?: string[]; details: { coding: { code: string }[] } }[];
      }
    ).issue;
    expect(status).toBe(422);
    expect(
      issues.filter((i) => i.severity === 'error').map((i) => [i.details.coding[0]?.code, i.expression?.[0]]),
    ).toEqual(faults);
    expect(await practice.state()).toBe(before);
  });

  test('a type-level call without encounter, and one with an unknown claim type, are 400', async () => {
    const app = createApp((await demoPractice()).context);
    const none = await request(app)
      .post('/fhir/Encounter/$generate-claim')
      .send({ resourceType: 'Parameters' });
    expect(none.status).toBe(400);
    const parameter = [{ name: 'type', valueCode: 'vision' }];
    const vision = await request(app)
      .post('/fhir/Encounter/story-01/$generate-claim')
      .send({ resourceType: 'Parameters', parameter });
    expect(vision.status).toBe(400);
    const unknown = await request(app).post('/fhir/Encounter/nobody/$generate-claim');
    expect(unknown.status).toBe(404);
  });
});
