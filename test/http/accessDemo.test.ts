import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Parameters, Resource, ResourceType } from '@medplum/fhirtypes';
import request from 'supertest';
import { createApp } from '../../src/app.ts';
import { seed } from '../../src/command/seed.ts';
import type { Context } from '../../src/interaction/context.ts';
import { find } from '../../src/interaction/repository.ts';
import { confinement, type Confinement, type TypeAccess } from '../../src/store/access/access.ts';
import { testContext } from '../context.ts';

/** The demo practice, asked by one of its patients and by one of its organizations. */
const open: TypeAccess = { see: 'open' };
const patientTypes = [
  'Patient',
  'Encounter',
  'Condition',
  'Procedure',
  'Coverage',
  'Account',
  'Claim',
] as const;
const moneyTypes = ['ClaimResponse', 'ExplanationOfBenefit', 'Invoice', 'ChargeItem'] as const;
const shared = {
  Practitioner: open,
  ConceptMap: open,
  ChargeItemDefinition: open,
  InsurancePlan: open,
} as const;
const patient = 'dana-prescott';
const practice = 'alder-street-clinic';
const rules = (types: readonly ResourceType[], of: TypeAccess): Partial<Record<ResourceType, TypeAccess>> =>
  Object.fromEntries(types.map((type) => [type, of]));

interface Caller {
  readonly name: string;
  readonly access: Confinement;
  /** A plain reading of what is theirs: who is named anywhere in it. */
  readonly isTheirs: (resource: Resource, all: readonly Resource[]) => boolean;
}
const names = (resource: Resource, reference: string): boolean =>
  new RegExp(`"${reference}(/_history/\\d+)?"`).test(JSON.stringify(resource)); // a sent claim names versions
const callers: readonly Caller[] = [
  {
    name: 'a patient',
    access: confinement({
      patients: [patient],
      types: {
        ...rules([...patientTypes, ...moneyTypes], { see: 'patient' }),
        ...shared,
        Organization: open,
      },
    }),
    isTheirs: (resource) =>
      [...Object.keys(shared), 'Organization'].includes(resource.resourceType) ||
      (resource.resourceType === 'Patient'
        ? resource.id === patient
        : names(resource, `Patient/${patient}`) && resource.resourceType !== 'Task'),
  },
  {
    name: 'a practice',
    access: confinement({
      practices: [practice],
      types: {
        ...rules(['Encounter', 'Account', 'Claim', ...moneyTypes], { see: 'practice', write: 'practice' }),
        ...rules(['Patient', 'Coverage', 'Condition', 'Procedure'], { see: 'chart' }),
        ...shared,
        Organization: open,
        Location: open,
      },
    }),
    isTheirs: (resource, all) => {
      const { resourceType: type } = resource;
      if ([...Object.keys(shared), 'Organization', 'Location'].includes(type)) return true;
      if (['Patient', 'Coverage', 'Condition', 'Procedure'].includes(type))
        return all.some(
          (one) =>
            (one.resourceType === 'Account' || one.resourceType === 'Encounter') &&
            names(one, `Organization/${practice}`) &&
            'subject' in one &&
            [one.subject].flat().some((subject) => {
              const who = subject.reference ?? '';
              return type === 'Patient' ? `Patient/${resource.id ?? ''}` === who : names(resource, who);
            }),
        );
      return names(resource, `Organization/${practice}`);
    },
  },
];

/** Every resource in an answer, entries and parameters included. */
function resourcesIn(value: unknown): Resource[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(resourcesIn);
  return 'resourceType' in value &&
    !/^(?:Bundle|Parameters|OperationOutcome)$/.test(String(value.resourceType))
    ? [value as Resource, ...inner]
    : inner;
}

describe.each(callers)('the demo practice, asked by $name', ({ access, isTheirs }) => {
  let context: Context;
  let app: ReturnType<typeof createApp>;
  let all: Resource[] = [];
  const types = [
    'Task',
    'PaymentNotice',
    'PaymentReconciliation',
    'Basic',
    'Location',
    ...access.types.keys(),
  ];
  beforeAll(async () => {
    context = await testContext();
    await seed(context);
    for (const type of types) all.push(...(await find(context.store, type as Resource['resourceType'], {})));
    app = createApp(context, { principalOf: () => ({ name: 'caller', access }) });
  });
  afterAll(async () => {
    all = [];
    await context.store.close();
  });

  async function get(path: string): Promise<{ status: number; found: Resource[]; body: unknown }> {
    const { status, body } = (await request(app).get(`/fhir/${path}`)) as { status: number; body: unknown };
    return { status, found: status === 200 ? resourcesIn(body) : [], body };
  }

  test('1.2 reads answer what is theirs, and all of it', async () => {
    let [seen, hidden] = [0, 0];
    for (const resource of all) {
      const { resourceType: type, id = '' } = resource;
      const isOwn = access.types.has(type) && isTheirs(resource, all);
      const { status } = await get(`${type}/${id}`);
      expect([type, id, status]).toEqual([type, id, isOwn ? 200 : 404]);
      if (isOwn) seen += 1;
      else hidden += 1;
    }
    expect(seen).toBeGreaterThan(20);
    expect(hidden).toBeGreaterThan(20);
  });

  test('1.2 whatever is asked, nothing of others is answered', async () => {
    const asked = [
      ...types.flatMap((type) => [`${type}?_count=500`, `${type}/_history?_count=500`, `${type}/$meta`]),
      ...types.map((type) => `${type}?_include=*&_revinclude=*&_include:iterate=*&_count=500`),
      ...['_history?_count=900', '?_type=Claim,Patient,Task&_count=500', 'Patient/$everything?_count=500'],
      ...all.flatMap(({ resourceType: type, id = '' }) =>
        type === 'Patient' || type === 'Encounter' || type === 'Account' ? [`${type}/${id}/$everything`] : [],
      ),
      ...all.flatMap(({ resourceType: type, id = '' }) =>
        type === 'Patient' ? [`Patient/${id}/*?_count=500`] : [],
      ),
    ];
    let answered = 0;
    for (const path of asked) {
      const { found, status } = await get(path);
      expect([path, [200, 404].includes(status)]).toEqual([path, true]);
      const foreign = found.filter(
        (resource) =>
          resource.id !== undefined && all.some((one) => one.id === resource.id) && !isTheirs(resource, all),
      );
      expect([path, foreign.map(({ resourceType, id }) => `${resourceType}/${id ?? ''}`)]).toEqual([
        path,
        [],
      ]);
      answered += found.length;
    }
    expect(answered).toBeGreaterThan(200);
  });

  test('1.2 an operation is done on what its caller sees, and nothing else', async () => {
    for (const resource of all.filter(({ resourceType }) => resourceType === 'Account')) {
      const isOwn = isTheirs(resource, all);
      const { status, body } = await get(`Account/${resource.id ?? ''}/$balance`);
      expect([resource.id, status]).toEqual([resource.id, isOwn ? 200 : 404]);
      if (isOwn) expect((body as Parameters).parameter?.map(({ name }) => name)).toContain('total');
    }
    for (const resource of all.filter(({ resourceType }) => resourceType === 'Encounter')) {
      const isOwn = isTheirs(resource, all);
      const path = `/fhir/Encounter/${resource.id ?? ''}/$capture-charges`;
      const { status, body } = (await request(app)
        .post(path)
        .set('content-type', 'application/fhir+json')
        .send({ resourceType: 'Parameters', parameter: [{ name: 'dryRun', valueBoolean: true }] })) as {
        status: number;
        body: unknown;
      };
      expect([resource.id, status === 404]).toEqual([resource.id, !isOwn]);
      const foreign = resourcesIn(body).filter(
        (one) => one.id !== undefined && all.some(({ id }) => id === one.id) && !isTheirs(one, all),
      );
      expect(foreign).toEqual([]);
    }
  });

  test('1.2 neighbour: a claim is submitted for who sees it, whoever else has a part in it', async () => {
    const statuses = [];
    for (const claim of all.filter(({ resourceType }) => resourceType === 'Claim')) {
      const answer = await request(app)
        .post(`/fhir/Claim/${claim.id ?? ''}/$submit`)
        .set('content-type', 'application/fhir+json')
        .send({ resourceType: 'Parameters', parameter: [{ name: 'dryRun', valueBoolean: true }] });
      statuses.push([isTheirs(claim, all), answer.status]);
    }
    expect(statuses.filter(([isOwn]) => isOwn).length).toBeGreaterThan(0);
    for (const [isOwn, status] of statuses) expect(status).toBe(isOwn ? 200 : 404);
  });

  test('1.2 what a body names and its caller does not see is not known', async () => {
    const foreign = all.find((one) => one.resourceType === 'Claim' && !isTheirs(one, all));
    expect(foreign).toBeDefined();
    const { id: _id, ...claim } = { ...foreign } as Resource;
    const answers = [];
    for (const body of [claim, foreign, { ...claim, id: 'nowhere' }]) {
      const { status, body: said } = (await request(app)
        .post('/fhir/Claim/$submit')
        .set('content-type', 'application/fhir+json')
        .send(body)) as { status: number; body: unknown };
      answers.push([status, resourcesIn(said).length]);
    }
    expect(answers).toEqual([
      [404, 0],
      [404, 0],
      [404, 0],
    ]);
    const bundle = (await get('Claim?_count=500')).body as Bundle;
    expect((bundle.entry ?? []).length).toBeLessThan(
      all.filter((one) => one.resourceType === 'Claim').length,
    );
  });
});
