import { expect, test } from '@jest/globals';
import type { Bundle, Claim, ClaimResponse, Parameters, Patient, Resource } from '@medplum/fhirtypes';
import { claimBundle, transmissionUrn } from '../../src/billing/submission/claimBundle.ts';
import { fhirGateway } from '../../src/gateway/fhir.ts';
import type { FhirPrepared, Transmission } from '../../src/gateway/gateway.ts';

const patient: Patient & { id: string } = {
  resourceType: 'Patient',
  id: 'p1',
  identifier: [
    { system: 'urn:payer', value: 'M1' },
    { system: 'http://hl7.org/fhir/sid/us-ssn', value: '000-00-0001' },
  ],
  name: [{ family: 'Roe' }],
  generalPractitioner: [{ reference: 'Practitioner/other' }],
};
const claim: Claim & { id: string } = {
  resourceType: 'Claim',
  id: 'c1',
  status: 'active',
  use: 'preauthorization',
  type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: 'professional' }] },
  patient: { reference: 'Patient/p1/_history/2' },
  created: '2026-06-05',
  insurer: { reference: 'Organization/payer' },
  provider: { reference: 'Organization/clinic' },
  priority: { coding: [{ code: 'normal' }] },
  insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/v1' } }],
  item: [
    {
      sequence: 1,
      productOrService: { coding: [{ system: 'http://www.ama-assn.org/go/cpt', code: '29881' }] },
    },
  ],
};

const reviewed = (code: string, over: Partial<ClaimResponse> = {}): ClaimResponse => ({
  resourceType: 'ClaimResponse',
  status: 'active',
  use: 'preauthorization',
  type: claim.type,
  patient: { reference: 'Patient/77' },
  created: '2026-06-06',
  insurer: { reference: 'Organization/9' },
  request: { identifier: { system: 'urn:ietf:rfc:3986', value: transmissionUrn('t1') } },
  outcome: 'complete',
  preAuthRef: 'AUTH1',
  item: [
    {
      itemSequence: 1,
      adjudication: [
        {
          category: {
            coding: [{ system: 'http://terminology.hl7.org/CodeSystem/adjudication', code: 'submitted' }],
          },
          extension: [
            {
              url: 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-reviewAction',
              extension: [
                {
                  url: 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-reviewActionCode',
                  valueCodeableConcept: {
                    coding: [{ system: 'https://codesystem.x12.org/005010/306', code }],
                  },
                },
                { url: 'number', valueString: 'AUTH1' },
              ],
            },
          ],
        },
      ],
    },
  ],
  ...over,
});

/** A response Bundle of PAS: the ClaimResponse first, the payer's own record of the patient beside it. */
const inBundle = (response: ClaimResponse, member = 'M1'): Bundle => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: [
    { fullUrl: 'https://payer.example/fhir/ClaimResponse/5', resource: response },
    {
      fullUrl: 'https://payer.example/fhir/Patient/77',
      resource: { resourceType: 'Patient', id: '77', identifier: [{ system: 'urn:payer', value: member }] },
    },
  ],
});

interface Said {
  readonly status?: number;
  readonly body: Resource | string;
}

function gatewayTo(answers: Readonly<Record<string, Said>>, over: Partial<FhirPrepared> = {}) {
  const called: string[] = [];
  const notes: string[] = [];
  const bundle = claimBundle({
    ...{ claim, parties: [patient], base: 'https://office.example/fhir', identifier: transmissionUrn('t1') },
    ...{ timestamp: '2026-06-05T12:00:00Z', isTest: false },
  });
  const prepared: FhirPrepared = {
    ...{ id: 't1', claim, bundle, today: '2026-06-10', look: 'inquire', isReceived: false },
    server: {
      base: 'https://payer.example/fhir',
      call: ({ method, url, body = '' }) => {
        const path = url.replace('https://payer.example/fhir', '');
        called.push(`${method} ${path}`);
        const { status = 200, body: said } = answers[path] ?? { status: 404, body: '' };
        if (method === 'POST') {
          const wanted = path.endsWith('$inquire')
            ? JSON.stringify(bundle)
                .replace('pas-request', 'pas-inquiry-request')
                .replace('profile-claim', 'profile-claim-inquiry')
            : JSON.stringify(bundle);
          expect(JSON.parse(body)).toEqual(JSON.parse(wanted));
        }
        return Promise.resolve({
          status,
          type: '',
          text: typeof said === 'string' ? said : JSON.stringify(said),
        });
      },
    },
    ...over,
  };
  const gateway = fhirGateway({
    prepare: () => Promise.resolve(prepared),
    prepared: () => Promise.resolve(prepared),
    note: (_id, what) => Promise.resolve(void notes.push(what)),
  });
  return { gateway, called, notes, bundle, send: () => gateway.send({ id: 't1' } as Transmission) };
}

test('7.1.1 a prior authorization goes as a PAS Bundle: profiles, the Claim first, its parties, nothing else of the patient', () => {
  const { bundle } = gatewayTo({});
  expect(bundle).toMatchObject({
    meta: { profile: ['http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-pas-request-bundle'] },
    type: 'collection',
    timestamp: '2026-06-05T12:00:00Z',
    identifier: { value: 'urn:uuid:t1' },
    entry: [
      {
        fullUrl: 'https://office.example/fhir/Claim/c1',
        resource: {
          meta: { profile: ['http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-claim'] },
          patient: { reference: 'Patient/p1' },
        },
      },
      { resource: { resourceType: 'Patient', identifier: [{ value: 'M1' }] } },
    ],
  });
  expect(JSON.stringify(bundle)).not.toMatch(/generalPractitioner|000-00-0001|_history/);
});

test.each(['A1', 'A2', 'A3', 'A6'])(
  '7.1.3 %s is a decision: the ClaimResponse in our names, its number and review kept',
  async (code) => {
    const { send, called } = gatewayTo({ '/Claim/$submit': { body: inBundle(reviewed(code)) } });
    const said = await send();
    expect(said).toMatchObject({
      is: 'answer',
      response: {
        patient: { reference: 'Patient/p1' },
        insurer: { reference: 'Organization/payer' },
        request: { reference: 'Claim/c1' },
        preAuthRef: 'AUTH1',
        item: reviewed(code).item,
      },
    });
    expect(called).toEqual(['POST /Claim/$submit']);
  },
);

test('7.4 A4 is pended: the payer has it and is asked by $inquire, whose answers come in Parameters', async () => {
  const pended = gatewayTo({ '/Claim/$submit': { body: inBundle(reviewed('A4')) } });
  const waiting = {
    is: 'accepted',
    pended: { request: { reference: 'Claim/c1' }, item: reviewed('A4').item },
  };
  expect(await pended.send()).toMatchObject(waiting);
  expect(pended.notes).toEqual(['posting', 'received']);
  const inquired = (answer: Bundle): Parameters => ({
    resourceType: 'Parameters',
    parameter: [{ name: 'return', resource: answer }],
  });
  const later = (body: Resource) =>
    gatewayTo({ '/Claim/$inquire': { body } }, { postedBefore: 5000, isReceived: true }).gateway.find('t1');
  expect(await later(inquired(inBundle(reviewed('A4'))))).toMatchObject(waiting);
  expect(await later(inquired(inBundle(reviewed('A1'))))).toMatchObject({ is: 'answer' });
  expect(await later(inBundle(reviewed('A3')))).toMatchObject({ is: 'answer' }); // as 2.0.1 answers
  expect(await later({ resourceType: 'Parameters' })).toEqual({ is: 'accepted' }); // it said that it has it
});

test('7.4 neighbour: an answer about another member is none, whatever else it names', async () => {
  const { send } = gatewayTo({ '/Claim/$submit': { body: inBundle(reviewed('A1'), 'M2') } });
  expect(await send()).toMatchObject({ is: 'unfit' });
});

test('7.1.2 neighbour: a refusal with an OperationOutcome is one; without, or with a server fault, nobody knows', async () => {
  const outcome: Resource = {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code: 'invalid' }],
  };
  const refused = gatewayTo({ '/Claim/$submit': { status: 400, body: outcome } });
  expect(await refused.send()).toEqual({ is: 'refused', reason: 'invalid' });
  for (const said of [
    { status: 400, body: '<html>' },
    { status: 500, body: outcome },
    { status: 409, body: outcome },
  ])
    await expect(gatewayTo({ '/Claim/$submit': said }).send()).rejects.toThrow('answered');
  const atTheDoor = gatewayTo({ '/Claim/$submit': { status: 403, body: outcome } });
  await expect(atTheDoor.send()).rejects.toThrow();
  expect(atTheDoor.notes).toEqual(['posting', 'not-arrived']);
});

test.each<[string, Partial<FhirPrepared>, Readonly<Record<string, Said>>, string]>([
  ['nothing was ever posted', {}, {}, 'absent'],
  [
    'the payer has nothing, long after',
    { postedBefore: 999_000 },
    { '/Claim/$inquire': { body: { resourceType: 'Parameters' } } },
    'absent',
  ],
  [
    'the payer has nothing yet',
    { postedBefore: 1000 },
    { '/Claim/$inquire': { body: { resourceType: 'Parameters' } } },
    'unknown',
  ],
  ['the payer does not know the question', { postedBefore: 999_000 }, {}, 'cannot-tell'],
  ['there is no way to ask', { postedBefore: 999_000, look: 'none' }, {}, 'cannot-tell'],
  [
    'the payer is gone for now and had acknowledged it',
    { postedBefore: 1000, isReceived: true },
    { '/Claim/$inquire': { status: 503, body: '' } },
    'accepted',
  ],
])('6 neighbour: before it is sent again, %s', async (_what, over, answers, is) => {
  expect(await gatewayTo(answers, over).gateway.find('t1')).toMatchObject({ is });
});

test('6 neighbour: a search that the server did not do as it was asked tells nothing', async () => {
  const self = (query: string) => [
    { relation: 'self' as const, url: `https://payer.example/fhir/ClaimResponse${query}` },
  ];
  const path = `/ClaimResponse?request.identifier=${encodeURIComponent('urn:ietf:rfc:3986|urn:uuid:t1')}&_include=${encodeURIComponent('ClaimResponse:request')}`;
  const body: Bundle = { resourceType: 'Bundle', type: 'searchset', link: self('') };
  const given = {
    claim: { ...claim, use: 'claim' as const },
    look: 'search' as const,
    postedBefore: 999_000,
  };
  const { gateway, called } = gatewayTo({ [path]: { body } }, given);
  expect(await gateway.find('t1')).toEqual({ is: 'cannot-tell' });
  expect(called).toEqual([`GET ${path}`]);
});
