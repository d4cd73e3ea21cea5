import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { Coverage, CoverageEligibilityRequest, Patient, Resource } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { readAnswer271, type EligibilityAnswer } from '../../../src/billing/eligibility/answer271.ts';
import { inquirySet } from '../../../src/billing/eligibility/inquiry270.ts';
import { readInquiry270 } from '../../../src/billing/eligibility/read270.ts';
import { responseOf } from '../../../src/billing/eligibility/response.ts';
import { extension, system } from '../../../src/terminology/system.ts';
import { faultsOf, readBytes, readTransactions } from '../../../src/x12/read.ts';
import { writeInterchange } from '../../../src/x12/write.ts';
import { runsOf } from '../../runs.ts';

const sample = (name: string): Buffer =>
  readFileSync(new URL(`../../x12/sample/linuxforhealth/${name}`, import.meta.url));
const levelsOf = (bytes: Uint8Array) =>
  [...readBytes(bytes)].flatMap((part) =>
    part.kind === 'unit' ? [part] : part.kind === 'setEnd' ? [...part.bare] : [],
  );
const answersOf = (bytes: Uint8Array): EligibilityAnswer[] => levelsOf(bytes).flatMap(readAnswer271);

const request: CoverageEligibilityRequest & { id: string } = {
  resourceType: 'CoverageEligibilityRequest',
  id: 'r1',
  identifier: [{ system: system.trace, value: '93175-012547' }],
  status: 'active',
  purpose: ['benefits', 'validation'],
  patient: { reference: 'Patient/p1' },
  servicedDate: '2006-05-01',
  created: '2006-05-01',
  provider: { reference: 'Organization/clinic' },
  insurer: { reference: 'Organization/payer' },
  insurance: [{ focal: true, coverage: { reference: 'Coverage/c1' } }],
  item: [{ category: { coding: [{ system: system.x12ServiceType, code: '30' }] } }],
};
const source = { place: 'abc|4321', on: '2013-10-31' };

test('2 the sample 271 says what is covered: plan, period, copays in and out of the network', () => {
  const [answer, ...more] = answersOf(sample('subscriber-health-benefit-check.271'));
  if (!answer) throw new Error('nobody is answered');
  expect(more).toEqual([]);
  expect([answer.traces, answer.reference, answer.member, answer.born]).toEqual([
    ['93175-012547'],
    '10001234',
    '123456789',
    '1963-05-19',
  ]);
  const response = responseOf(request, answer, source);
  expect(response).toMatchObject({
    outcome: 'complete',
    disposition: 'The coverage is active',
    purpose: ['benefits', 'validation'],
    patient: { reference: 'Patient/p1' },
    servicedDate: '2006-05-01',
    requestor: { reference: 'Organization/clinic' },
    request: { reference: 'CoverageEligibilityRequest/r1' },
    insurance: [
      { coverage: { reference: 'Coverage/c1' }, inforce: true, benefitPeriod: { start: '2006-01-01' } },
    ],
  });
  const items = response.insurance?.[0]?.item ?? [];
  expect(items).toHaveLength(1 + 1 + 10 + 10 + 10);
  expect(items[0]).toEqual({
    extension: [{ url: extension.x12Position, valueString: 'abc|4321|16' }],
    name: 'GOLD 123 PLAN',
    benefit: [{ type: { coding: [{ system: system.x12Eligibility, code: '1' }] } }],
    category: { coding: [{ system: system.x12ServiceType, code: '30' }] },
  });
  expect(items[1]?.extension?.map((e) => e.valueString)).toEqual([
    'abc|4321|17',
    'NM1*P3*1*JONES*MARCUS****SV*0202034',
  ]);
  const copay = (network: string) =>
    items
      .filter((i) => i.network?.coding?.[0]?.code === network)
      .map((i) => [i.category?.coding?.[0]?.code, i.benefit?.[0]?.allowedMoney?.value]);
  const types = ['1', '33', '35', '47', '86', '88', '98', 'AL', 'MH', 'UC'];
  expect(copay('in')).toEqual(types.map((type) => [type, 10]));
  expect(copay('out')).toEqual(types.map((type) => [type, 30]));
  expect(items.at(-1)).toMatchObject({
    term: { coding: [{ system: system.x12TimePeriod, code: '27' }] },
    benefit: [{ type: { coding: [{ code: 'copay' }, { system: system.x12Eligibility, code: 'B' }] } }],
    extension: [
      { valueString: 'abc|4321|23' },
      { valueString: expect.stringMatching(/^EB\*B\*\*1\^33/) as unknown }, // EB04 has no place in FHIR
    ],
  });
});

test('2 the sample 271 of a dependent is his answer, under his trace', () => {
  const [answer] = answersOf(sample('dependent-health-benefit-check.271'));
  expect(answer).toMatchObject({
    ...{ isDependent: true, traces: ['93175-012547'], member: '123456789', born: '1998-10-14' },
    period: { start: '2006-01-01' },
  });
  expect(answer?.benefits).toHaveLength(5);
});

test('2 the sample 271 that refuses names nobody: it is found by its reference, and says why', () => {
  const [answer, ...more] = answersOf(sample('subscriber-health-benefit-check-error.271'));
  if (!answer) throw new Error('nobody is answered');
  expect(more).toEqual([]);
  expect([answer.traces, answer.reference]).toEqual([[], '10001234']);
  expect(responseOf(request, answer, source)).toMatchObject({
    outcome: 'error',
    error: [
      {
        extension: [{ valueString: 'abc|4321|9' }],
        code: {
          coding: [
            { system: system.x12RejectReason, code: '50' },
            { system: system.x12FollowUp, code: 'N' },
          ],
        },
      },
    ],
  });
});

const eb = (...lines: readonly string[]): EligibilityAnswer => {
  const text = sample('subscriber-health-benefit-check.271').toString('latin1').replaceAll(/\r?\n/g, '');
  const [head = '', rest = ''] = text.split('EB*1**30**GOLD 123 PLAN~');
  const tail = rest.slice(rest.indexOf('SE*'));
  const [answer] = answersOf(Buffer.from(`${head}${lines.join('~')}~${tail}`));
  if (!answer) throw new Error('nobody is answered');
  return answer;
};

test.each([
  ['EB*A*IND*98***27**0.2', { allowedUnsignedInt: 20 }],
  ['EB*A*IND*98***27**.125', { allowedString: '.125' }],
  ['EB*C*FAM*30***23*1500.50', { allowedMoney: { value: 1500.5, currency: 'USD' } }],
  ['EB*F**33***23***VS*20', { allowedUnsignedInt: 20 }],
  ['EB*C*IND*30***29*12.345', { allowedString: '12.345' }],
])('2 neighbour: %s is %o', (line, allowed) => {
  const item = responseOf(request, eb(line), source).insurance?.[0]?.item?.[0];
  const { type: _type, ...rest } = item?.benefit?.[0] ?? {};
  expect(rest).toEqual(allowed);
});

test.each([
  [['EB*6**30'], false],
  [['EB*1**30', 'EB*6**35'], true],
  [['EB*U**30'], undefined],
])('2 neighbour: %o is in force: %s', (lines, inforce) => {
  expect(responseOf(request, eb(...lines), source).insurance?.[0]?.inforce).toBe(inforce);
});

test('2 neighbour: a service that needs an authorization, is left out, or has an unknown code is kept', () => {
  const items = responseOf(
    request,
    eb('EB*1**********Y**HC:J3301:59', 'EB*I**48', 'EB*1*XYZ*ZZ*******W*W', 'MSG*ASK THE PLAN'),
    source,
  ).insurance?.[0]?.item;
  expect(items?.[0]).toMatchObject({
    productOrService: { coding: [{ system: system.hcpcs, code: 'J3301' }] },
    modifier: [{ coding: [{ code: '59' }] }],
    authorizationRequired: true,
  });
  expect(items?.[1]).toMatchObject({ excluded: true });
  expect(items?.[2]).toMatchObject({
    description: 'ASK THE PLAN',
    unit: { coding: [{ system: system.x12CoverageLevel, code: 'XYZ' }] },
    category: { coding: [{ code: 'ZZ' }] },
  });
  expect(items?.[2]?.network).toBeUndefined();
});

const clinic: Resource = {
  ...{ resourceType: 'Organization', id: 'clinic', name: 'BONE AND JOINT CLINIC' },
  identifier: [
    { system: system.npi, value: '1234567893' },
    { system: system.taxId, value: '877281234' },
  ],
};
const payer: Resource = {
  ...{ resourceType: 'Organization', id: 'payer', name: 'ABC COMPANY' },
  identifier: [{ system: system.payerId, value: '842610001' }],
};
const patient: Patient = {
  ...{ resourceType: 'Patient', id: 'p1', birthDate: '1943-05-19', gender: 'male' },
  name: [{ family: 'SMITH', given: ['ROBERT'] }],
};
const coverage = (relationship: string, over: Partial<Coverage> = {}): Coverage => ({
  ...{ resourceType: 'Coverage', id: 'c1', status: 'active', subscriberId: '11122333301' },
  subscriber: { reference: relationship === 'self' ? 'Patient/p1' : 'RelatedPerson/s1' },
  beneficiary: { reference: 'Patient/p1' },
  relationship: { coding: [{ system: system.subscriberRelationship, code: relationship }] },
  payor: [{ reference: 'Organization/payer' }],
  ...over,
});
const subscriber: Resource = {
  ...{ resourceType: 'RelatedPerson', id: 's1', patient: { reference: 'Patient/p1' } },
  name: [{ family: 'SMITH', given: ['JOHN'] }],
};
const knownOf = (...resources: readonly Resource[]) =>
  new Map(resources.map((r) => [`${r.resourceType}/${r.id ?? ''}`, r]));

function written(of: CoverageEligibilityRequest, ...resources: readonly Resource[]): string {
  const trace = of.identifier?.[0]?.value ?? '';
  const { set, problems } = inquirySet(
    { request: of, known: knownOf(clinic, payer, ...resources), trace },
    { on: '2006-05-01', time: '1319' },
  );
  expect(problems).toEqual([]);
  return writeInterchange(
    {
      ...{ senderQualifier: 'ZZ', sender: 'US', receiverQualifier: 'ZZ', receiver: 'THEM' },
      ...{ date: '20060501', time: '1319', controlNumber: 1, usage: 'T' },
    },
    [
      {
        ...{ functionalGroup: 'HS', sender: 'US', receiver: 'THEM', controlNumber: 1 },
        ...{ version: '005010X279A1', date: '20060501', time: '1319' },
        sets: [{ controlNumber: '0001', set: '270', convention: '005010X279A1', content: set }],
      },
    ],
  );
}
const linesOf = (text: string): string[] => text.split('~').filter((line) => line !== '');

test('2 a request is asked as the sample does', () => {
  const lines = linesOf(written(request, patient, coverage('self'))).slice(3, -3);
  expect(lines).toEqual([
    'BHT*0022*13*93175-012547*20060501*1319',
    'HL*1**20*1',
    'NM1*PR*2*ABC COMPANY*****PI*842610001',
    'HL*2*1*21*1',
    'NM1*1P*2*BONE AND JOINT CLINIC*****XX*1234567893',
    'HL*3*2*22*0',
    'TRN*1*93175-012547*1877281234',
    'NM1*IL*1*SMITH*ROBERT****MI*11122333301',
    'DMG*D8*19430519*M',
    'DTP*291*D8*20060501',
    'EQ*30',
  ]);
});

test('2 the sample 270 is read as a request', () => {
  const [read] = levelsOf(sample('subscriber-health-benefit-check.270')).flatMap(readInquiry270);
  expect(read).toMatchObject({
    identifier: [{ system: system.trace, value: '93175-012547' }],
    servicedDate: '2006-05-01',
    created: '2006-05-01',
    item: [{ category: { coding: [{ code: '30' }] } }],
    contained: [
      { resourceType: 'Patient', birthDate: '1943-05-19', name: [{ family: 'SMITH', given: ['ROBERT'] }] },
      { resourceType: 'Coverage', subscriberId: '11122333301', relationship: { coding: [{ code: 'self' }] } },
      { resourceType: 'Organization', id: 'payer', identifier: [{ value: '842610001' }] },
      { resourceType: 'Organization', id: 'provider', name: 'BONE AND JOINT CLINIC' },
    ],
  });
});

test('2 what is asked is read back as the same request, for the patient himself and for dependents', () => {
  const day = fc
    .integer({ min: 0, max: 700 })
    .map((n) => new Date(Date.UTC(2025, 0, 1 + n)).toISOString().slice(0, 10));
  const type = fc.constantFrom('1', '30', '33', '35', '47', '98', 'AL', 'UC');
  const service = fc.constantFrom('99213', 'J3301', 'A0428');
  const days = fc.tuple(day, fc.option(fc.integer({ min: 1, max: 90 }), { nil: undefined }));
  fc.assert(
    fc.property(
      fc.constantFrom('self', 'spouse', 'child'),
      fc.uniqueArray(type, { minLength: 1, maxLength: 5 }),
      fc.uniqueArray(service, { maxLength: 2 }),
      days,
      (relationship, types, services, [start, length]) => {
        const end =
          length === undefined
            ? undefined
            : new Date(Date.parse(start) + length * 86_400_000).toISOString().slice(0, 10);
        const { servicedDate: _none, ...rest } = request;
        const asked: CoverageEligibilityRequest = {
          ...rest,
          ...(end === undefined ? { servicedDate: start } : { servicedPeriod: { start, end } }),
          item: [
            ...types.map((code) => ({ category: { coding: [{ system: system.x12ServiceType, code }] } })),
            ...services.map((code) => ({
              productOrService: { coding: [{ system: /^\d/.test(code) ? system.cpt : system.hcpcs, code }] },
              modifier: [{ coding: [{ code: '25' }] }],
            })),
          ],
        };
        const text = written(asked, patient, coverage(relationship), subscriber);
        expect(faultsOf(readTransactions(text))).toEqual([]);
        const [read] = levelsOf(Buffer.from(text)).flatMap(readInquiry270);
        const { servicedDate, servicedPeriod, item, identifier } = read ?? {};
        expect({ servicedDate, servicedPeriod, item, identifier }).toEqual({
          ...{ servicedDate: asked.servicedDate, servicedPeriod: asked.servicedPeriod },
          ...{ item: asked.item, identifier: asked.identifier },
        });
        const [who, ...others] = read?.contained ?? [];
        const { id: _id, ...same } = patient;
        expect(who).toEqual({ ...same, id: 'patient' });
        expect(others.find((r) => r.resourceType === 'Coverage')).toMatchObject({
          subscriberId: '11122333301',
          relationship: { coding: [{ code: relationship }] },
        });
      },
    ),
    { numRuns: runsOf({ usual: 50, long: 1000 }) },
  );
});

test('2 neighbour: a request that names no payer, provider, coverage or patient cannot be asked; what is untold is told', () => {
  const { problems } = inquirySet(
    {
      request: { ...request, item: [{ category: { text: 'heart' }, diagnosis: [{}] }] },
      known: new Map(),
      trace: 'T',
    },
    { on: '2026-01-01', time: '1200' },
  );
  expect(problems.filter(({ refuses }) => refuses).map(({ expression }) => expression)).toEqual([
    'CoverageEligibilityRequest.insurer',
    'CoverageEligibilityRequest.provider',
    'CoverageEligibilityRequest.insurance.coverage',
    'CoverageEligibilityRequest.patient',
    'CoverageEligibilityRequest.insurance.coverage',
  ]);
  expect(problems.slice(5).map(({ expression }) => expression)).toEqual([
    'CoverageEligibilityRequest.item[0].diagnosis',
    'CoverageEligibilityRequest.item[0].category',
  ]);
});
