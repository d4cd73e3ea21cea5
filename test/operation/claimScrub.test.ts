import { describe, expect, test } from '@jest/globals';
import type {
  ChargeItem,
  Claim,
  InsurancePlan,
  OperationOutcome,
  Organization,
  Resource,
} from '@medplum/fhirtypes';
import request from 'supertest';
import { createApp } from '../../src/app.ts';
import type { Context } from '../../src/interaction/context.ts';
import { find } from '../../src/interaction/repository.ts';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import { claimOf, partiesOf, type ClaimName } from '../billing/scrub/fixture.ts';
import { lineOf, there } from '../billing/scrub/failing/case.ts';
import { testContext } from '../context.ts';

type Stored = Resource & { id: string };

/** A server that knows the parties of the fixture claims. */
async function practice(more: readonly Resource[] = []) {
  const context = await testContext({ now: () => '2026-09-01T12:00:00Z' });
  await context.store.transaction(async (tx) => {
    for (const resource of [...partiesOf().values(), ...more]) await tx.put(resource as Stored);
  });
  return { context, app: createApp(context) };
}

const store = (context: Context, resource: Resource): Promise<unknown> =>
  context.store.transaction((tx) => tx.put(resource as Stored));

const found = (outcome: unknown, severity = 'error'): (string | undefined)[][] =>
  (outcome as OperationOutcome).issue.flatMap((i) =>
    i.severity === severity ? [[codeOfIssue(i), i.expression?.[0]]] : [],
  );

describe('Claim/$scrub', () => {
  test('a sound claim that is not stored has no fault, and nothing is written', async () => {
    const { context, app } = await practice();
    const before = await context.store.generation('Claim');
    const answer = await request(app).post('/fhir/Claim/$scrub').send(claimOf('complete'));
    expect(answer.status).toBe(200);
    expect(found(answer.body)).toEqual([]);
    expect(found(answer.body, 'information')).toEqual([['scrubbed', 'Claim']]);
    expect(await context.store.generation('Claim')).toBe(before);
  });

  test('a stored claim is scrubbed by GET and by POST alike', async () => {
    const { context, app } = await practice();
    await store(context, { ...claimOf('institutional'), status: 'draft' });
    const got = await request(app).get('/fhir/Claim/institutional/$scrub');
    const posted = await request(app).post('/fhir/Claim/institutional/$scrub');
    expect(got.status).toBe(200);
    expect(found(got.body)).toEqual([]);
    expect(posted.body).toEqual(got.body);
  });

  test('a claim nobody knows is 404, another resource 400', async () => {
    const { app } = await practice();
    expect((await request(app).get('/fhir/Claim/nobody/$scrub')).status).toBe(404);
    const wrong = await request(app).post('/fhir/Claim/$scrub').send({ resourceType: 'Patient' });
    expect(wrong.status).toBe(400);
    expect((await request(app).post('/fhir/Claim/$scrub').send({ resourceType: 'Parameters' })).status).toBe(
      400,
    );
  });

  test('a plan that asks authorisation is asked of its own claims', async () => {
    const plan: InsurancePlan = {
      resourceType: 'InsurancePlan',
      id: 'plan',
      status: 'active',
      name: 'Plan',
      identifier: [{ system: 'https://claimwright.example/fhir/sid/plan-id', value: 'PPO' }],
      ownedBy: { reference: 'Organization/payer' },
      coverage: [
        {
          type: {
            coding: [
              {
                system: 'https://claimwright.example/fhir/CodeSystem/benefit-rule',
                code: 'prior-authorization',
              },
            ],
          },
          benefit: [
            {
              type: {
                coding: [
                  { system: 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'T1015' },
                ],
              },
            },
          ],
        },
      ],
    };
    const { app } = await practice([plan]);
    const without = await request(app).post('/fhir/Claim/$scrub').send(claimOf('minimal'));
    expect(found(without.body, 'warning')).toContainEqual([
      'missing-authorization',
      'Claim.item[0].productOrService',
    ]);
    const withNumber = await request(app).post('/fhir/Claim/$scrub').send(claimOf('complete'));
    expect(found(withNumber.body, 'warning').map(([code]) => code)).not.toContain('missing-authorization');
  });

  test('what was billed before is a duplicate, and says so at its line', async () => {
    const { context, app } = await practice();
    await store(context, { ...claimOf('ambulance'), id: 'before', status: 'active' });
    const answer = await request(app)
      .post('/fhir/Claim/$scrub')
      .send({ ...claimOf('ambulance'), id: 'again' });
    expect(found(answer.body, 'warning').filter(([code]) => code === 'duplicate-claim')).toEqual([
      ['duplicate-claim', 'Claim.item[0]'],
      ['duplicate-claim', 'Claim.item[1]'],
    ]);
  });
});

/** Bad input of the road: what is done to a sound claim, and the fault. */
const bad: [
  what: string,
  claim: ClaimName,
  change: (claim: Claim) => Resource | undefined,
  fault: [string, string],
][] = [
  [
    'an unpriced ChargeItem',
    'complete',
    () => {
      const charge = partiesOf().get('ChargeItem/c2') as ChargeItem;
      delete charge.priceOverride;
      return charge;
    },
    [
      'unpriced-charge',
      "Claim.item[1].extension('https://claimwright.example/fhir/StructureDefinition/charge-item')[0]",
    ],
  ],
  [
    'a total that differs from its lines',
    'minimal',
    (claim) => {
      claim.total = { value: 168.46, currency: 'USD' };
      return undefined;
    },
    ['claim-total', 'Claim.total'],
  ],
  [
    'a diagnosis pointer to nothing',
    'minimal',
    (claim) => {
      lineOf(claim).diagnosisSequence = [1, 2];
      return undefined;
    },
    ['diagnosis-pointer', 'Claim.item[0].diagnosisSequence[1]'],
  ],
  [
    'an NPI with a bad check digit',
    'minimal',
    () => {
      const clinic = partiesOf().get('Organization/clinic') as Organization;
      there(clinic.identifier?.[0]).value = '1234567890';
      return clinic;
    },
    ['npi-check-digit', 'Claim.provider'],
  ],
  [
    'a price of 10.005',
    'minimal',
    (claim) => {
      lineOf(claim).unitPrice = { value: 10.005, currency: 'USD' };
      return undefined;
    },
    ['money-cents', 'Claim.item[0].unitPrice'],
  ],
  [
    'another currency',
    'minimal',
    (claim) => {
      lineOf(claim).net = { value: 168.45, currency: 'EUR' };
      return undefined;
    },
    ['money-usd', 'Claim.item[0].net.currency'],
  ],
];

/** Every version of every claim and charge, every answer and Task, and the journal. */
async function everything({ store: kept }: Context): Promise<unknown> {
  const types = [
    'Claim',
    'ChargeItem',
    'ClaimResponse',
    'ExplanationOfBenefit',
    'PaymentReconciliation',
    'Task',
  ] as const;
  const found: Resource[] = [];
  for (const type of types) found.push(...(await find(kept, type, {})));
  return [found.map((r) => [r.resourceType, r.id, r.meta?.versionId]), await kept.entries({ count: 1000 })];
}

describe.each(bad)('%s', (_what, name, change, fault) => {
  test('is found by $scrub', async () => {
    const { context, app } = await practice();
    const claim = claimOf(name);
    const changed = change(claim);
    if (changed) await store(context, changed);
    const answer = await request(app).post('/fhir/Claim/$scrub').send(claim);
    expect(answer.status).toBe(200);
    expect(found(answer.body)).toContainEqual(fault);
  });

  test('is refused by $submit of the stored claim, and the store is as before', async () => {
    const { context, app } = await practice();
    const claim = claimOf(name);
    const changed = change(claim);
    for (const resource of [changed, claim]) if (resource) await store(context, resource);
    const before = await everything(context);
    const answer = await request(app).post(`/fhir/Claim/${name}/$submit`);
    expect(answer.status).toBe(422);
    expect(found(answer.body)).toContainEqual(fault);
    expect(await everything(context)).toEqual(before);
  });

  test('is refused by $submit of the claim as such, and nothing is stored', async () => {
    const { context, app } = await practice();
    const claim = claimOf(name);
    const changed = change(claim);
    if (changed) await store(context, changed);
    const before = await everything(context);
    const answer = await request(app).post('/fhir/Claim/$submit').send(claim);
    expect(answer.status).toBe(422);
    expect(found(answer.body)).toContainEqual(fault);
    expect(await everything(context)).toEqual(before);
  });
});
