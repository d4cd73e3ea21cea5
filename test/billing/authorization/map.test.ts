import { expect, test } from '@jest/globals';
import type { Claim, Coverage, Patient, Resource } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { readRequest278 } from '../../../src/billing/authorization/readRequest278.ts';
import { requestSet } from '../../../src/billing/authorization/request278.ts';
import { pasExtension } from '../../../src/terminology/pas.ts';
import { system } from '../../../src/terminology/system.ts';
import { faultsOf, readBytes, readTransactions } from '../../../src/x12/read.ts';
import { askedFor } from '../../authorization/ask.ts';
import { runsOf } from '../../runs.ts';

const clinic: Resource = {
  ...{ resourceType: 'Organization', id: 'clinic', name: 'CITY HOSPITAL' },
  identifier: [{ system: system.npi, value: '1234567893' }],
};
const payer: Resource = {
  ...{ resourceType: 'Organization', id: 'payer', name: 'HEALTH PLAN' },
  identifier: [{ system: system.payerId, value: '66917' }],
};
const patient: Patient = {
  ...{ resourceType: 'Patient', id: 'p1', birthDate: '1985-06-15', gender: 'male' },
  name: [{ family: 'DOE', given: ['JOHN', 'Q'], suffix: ['JR'] }],
};
const subscriber: Resource = {
  ...{ resourceType: 'RelatedPerson', id: 's1', patient: { reference: 'Patient/p1' } },
  name: [{ family: 'DOE', given: ['JANE'] }],
};
const coverage = (relationship: string): Coverage => ({
  ...{ resourceType: 'Coverage', id: 'c1', status: 'active', subscriberId: 'ABC123456789' },
  subscriber: { reference: relationship === 'self' ? 'Patient/p1' : 'RelatedPerson/s1' },
  beneficiary: { reference: 'Patient/p1' },
  relationship: { coding: [{ system: system.subscriberRelationship, code: relationship }] },
  payor: [{ reference: 'Organization/payer' }],
});
const coded = (uri: string, code: string) => ({ coding: [{ system: uri, code }] });
const base: Claim = {
  ...{ resourceType: 'Claim', id: 'a1', status: 'active', use: 'preauthorization', created: '2026-06-05' },
  identifier: [{ system: system.trace, value: 'AUTH1' }],
  type: coded(system.claimType, 'professional'),
  patient: { reference: 'Patient/p1' },
  insurer: { reference: 'Organization/payer' },
  provider: { reference: 'Organization/clinic' },
  priority: { coding: [{ code: 'normal' }] },
  insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/c1' } }],
};
const read = (text: string): Claim[] =>
  [...readBytes(Buffer.from(text))].flatMap((part) => (part.kind === 'unit' ? readRequest278(part) : []));
const linesOf = (text: string): string[] => text.split('~').filter((line) => line !== '');

test('2 an admission is asked for: payer, requester, member, event with its days and diagnoses, services', () => {
  const text = askedFor(
    {
      ...base,
      type: coded(system.claimType, 'institutional'),
      billablePeriod: { start: '2026-06-20', end: '2026-06-25' },
      diagnosis: [
        { sequence: 2, diagnosisCodeableConcept: coded(system.icd10cm, 'E11.9') },
        { sequence: 1, diagnosisCodeableConcept: coded(system.icd10cm, 'I50.9') },
      ],
      item: [
        {
          sequence: 1,
          category: coded(system.x12ServiceType, '48'),
          productOrService: { text: 'room' },
          revenue: coded(system.revenueCode, '0120'),
          locationCodeableConcept: coded(system.placeOfService, '21'),
          quantity: { value: 5 },
          unitPrice: { value: 800.1, currency: 'USD' },
        },
      ],
    },
    [clinic, payer, patient, coverage('self')],
  );
  expect(linesOf(text).slice(3, -3)).toEqual([
    'BHT*0007*13*AUTH1*20260605*1200',
    'HL*1**20*1',
    'NM1*X3*2*HEALTH PLAN*****PI*66917',
    'HL*2*1*21*1',
    'NM1*1P*2*CITY HOSPITAL*****XX*1234567893',
    'HL*3*2*22*1',
    'NM1*IL*1*DOE*JOHN*Q**JR*MI*ABC123456789',
    'DMG*D8*19850615*M',
    'HL*4*3*EV*1',
    'TRN*1*AUTH1*9234567893',
    'UM*AR*I*48*21:B*****Y',
    'DTP*435*D8*20260620',
    'DTP*096*D8*20260625',
    'HI*ABK:I509*ABF:E119',
    'NM1*SJ*2*CITY HOSPITAL*****XX*1234567893',
    'HL*5*4*SS*0',
    'TRN*1*AUTH1-1*9234567893',
    'SV2*0120**4000.5*UN*5',
  ]);
  expect(faultsOf(readTransactions(text)).filter(({ refuses }) => refuses)).toEqual([]);
});

test('2 what is asked for is read back as the same request, for the patient himself and for dependents', () => {
  const item = fc.record({
    code: fc.constantFrom('99213', 'J1745', '27447', 'E0601'),
    quantity: fc.integer({ min: 1, max: 30 }),
    cents: fc.integer({ min: 1, max: 9_999_999 }),
    day: fc.integer({ min: 1, max: 28 }),
  });
  fc.assert(
    fc.property(
      fc.constantFrom('self', 'spouse', 'child'),
      fc.constantFrom('HS', 'SC'),
      fc.constantFrom('I', 'R', '3'),
      fc.array(item, { minLength: 1, maxLength: 5 }),
      (relationship, category, certification, items) => {
        const asked: Claim = {
          ...base,
          billablePeriod: { start: '2026-06-20', end: '2026-06-30' },
          diagnosis: [{ sequence: 1, diagnosisCodeableConcept: coded(system.icd10cm, 'M17.11') }],
          item: items.map(({ code, quantity, cents, day }, i) => ({
            extension: [
              {
                url: pasExtension.requestType,
                valueCodeableConcept: coded(system.x12RequestCategory, category),
              },
              {
                url: pasExtension.certificationType,
                valueCodeableConcept: coded(system.x12CertificationType, certification),
              },
            ],
            sequence: i + 1,
            diagnosisSequence: [1],
            category: coded(system.x12ServiceType, '2'),
            productOrService: coded(/^\d/.test(code) ? system.cpt : system.hcpcs, code),
            net: {
              value: Number(
                `${Math.floor(cents / 100).toString()}.${(cents % 100).toString().padStart(2, '0')}`,
              ),
              currency: 'USD',
            },
            quantity: { value: quantity },
            servicedDate: `2026-06-${day.toString().padStart(2, '0')}`,
            locationCodeableConcept: coded(system.placeOfService, '11'),
          })),
        };
        const text = askedFor(asked, [clinic, payer, patient, subscriber, coverage(relationship)]);
        expect(faultsOf(readTransactions(text)).filter(({ refuses }) => refuses)).toEqual([]);
        const [found, ...more] = read(text);
        expect(more).toEqual([]);
        expect([found?.identifier, found?.billablePeriod, found?.diagnosis, found?.item, found?.use]).toEqual(
          [...[asked.identifier, asked.billablePeriod, asked.diagnosis, asked.item, asked.use]],
        );
        const { id: _id, ...same } = patient;
        const [who] = found?.contained ?? [];
        expect(who).toEqual({ ...same, id: 'patient' });
        expect(found?.contained?.find((r) => r.resourceType === 'Coverage')).toMatchObject({
          subscriberId: 'ABC123456789',
          relationship: { coding: [{ code: relationship }] },
        });
      },
    ),
    { numRuns: runsOf({ usual: 50, long: 1000 }) },
  );
});

test('2 neighbour: a request that names no payer, provider, member, patient or service cannot be sent', () => {
  const { problems } = requestSet(
    {
      claim: { ...base, item: [{ sequence: 1, productOrService: { text: 'something' } }] },
      known: new Map(),
      trace: 'T',
    },
    { on: '2026-06-05', time: '1200' },
  );
  expect(problems.map(({ expression }) => expression)).toEqual([
    'Claim.insurer',
    'Claim.provider',
    'Claim.insurance.coverage',
    'Claim.patient',
    'Claim.insurance.coverage',
    'Claim.item[0].productOrService',
  ]);
});
