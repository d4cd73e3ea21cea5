import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { ExplanationOfBenefit, Resource } from '@medplum/fhirtypes';
import { concept } from '../../src/datatypes/coding.ts';
import { system } from '../../src/terminology/system.ts';
import { validateResource } from '../../src/validation/validate.ts';
import { c4bbFaults, c4bbProfile, c4bbProfileFaults } from './c4bb.ts';
import { inpatientSample, outpatientSample, professionalSample } from './c4bbSample.ts';

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixture/${name}`, import.meta.url), 'utf8'));
const { resource: examples } = read('c4bb-2.0.0-example.json') as { resource: Resource[] };
const rows = read('c4bb-2.0.0.json') as Record<string, Record<string, { min?: number }>>;

/** Published examples whose careTeam names an Organization as a person; the published invariants let that pass. */
const lenient = ['EOBProfessional2', 'EOBProfessionalTransportation1'];

test.each(examples.map((r) => [`${r.resourceType}/${r.id ?? ''}`, r] as const))(
  'the published example %s keeps to its profile',
  (_name, resource) => {
    expect(c4bbProfileFaults(resource)).toEqual(
      lenient.includes(resource.id ?? '')
        ? ['EOB-careTeam-practitioner: careTeam 1 must be a Practitioner']
        : [],
    );
  },
);

test('the published examples are of every profile that is checked', () => {
  expect(new Set(examples.map(c4bbProfile))).toEqual(
    new Set(Object.keys(rows).filter((k) => !['source', 'license', 'madeBy', 'valueSets'].includes(k))),
  );
});

const samples = {
  professional: professionalSample,
  inpatient: inpatientSample,
  outpatient: outpatientSample,
};
type Kind = keyof typeof samples;
/** A copy that may be damaged. */
const sample = (kind: Kind): ExplanationOfBenefit => structuredClone(samples[kind]());
const kinds = Object.keys(samples) as Kind[];

test.each(kinds)('a sound %s explanation has no fault, by R4 and by C4BB', (kind) => {
  expect(validateResource(sample(kind))).toEqual([]);
  expect(c4bbFaults(sample(kind))).toEqual([]);
});

type Draft = Record<string, unknown>;

/** Takes an element away wherever it stands, lists walked through. */
function remove(at: unknown, [step = '', ...rest]: readonly string[]): boolean {
  if (Array.isArray(at)) return at.map((one: unknown) => remove(one, [step, ...rest])).some(Boolean);
  if (typeof at !== 'object' || at === null) return false;
  const holder = at as Draft;
  const keys = step.endsWith('[x]')
    ? Object.keys(holder).filter((k) => k.startsWith(step.slice(0, -3)))
    : [step];
  if (rest.length > 0) return keys.map((key) => remove(holder[key], rest)).some(Boolean);
  return keys.map((key) => key in holder && Reflect.deleteProperty(holder, key)).some(Boolean);
}

test.each(kinds)('%s: each mandatory element that is missing is named', (kind) => {
  const profile = c4bbProfile(sample(kind)) ?? '';
  const mandatory = Object.entries(rows[profile] ?? {}).filter(([id, row]) => row.min && !id.includes(':'));
  let seen = 0;
  for (const [id] of mandatory) {
    const copy = sample(kind);
    if (!remove(copy, id.split('.').slice(1))) continue; // in a part that the sample does not have
    seen += 1;
    const path = id.replaceAll('[x]', '');
    expect(c4bbProfileFaults(copy).filter((f) => f.startsWith(`${path}: 0, at least`))).toHaveLength(1);
  }
  expect(seen).toBeGreaterThan(25);
});

const uncoded = concept('http://example.org', 'a');
const eob = 'ExplanationOfBenefit';
const line = (e: ExplanationOfBenefit): NonNullable<ExplanationOfBenefit['item']>[number] => {
  const [first] = e.item ?? [];
  if (!first) throw new Error('no line');
  return first;
};
const without = <T extends { category: unknown }>(list: T[] | undefined, code: string): T[] =>
  (list ?? []).filter((a) => !JSON.stringify(a.category).includes(`"${code}"`));
const twice = <T extends { category: unknown }>(list: T[] | undefined, code: string): T[] => [
  ...(list ?? []),
  ...(list ?? []).filter((a) => JSON.stringify(a.category).includes(`"${code}"`)),
];

test.each<[Kind, string, (e: ExplanationOfBenefit) => unknown, string]>([
  [
    'professional',
    'without unique claim id',
    (e) => (e.identifier = [{ value: '1' }]),
    `${eob}.identifier:uniqueclaimid: 0`,
  ],
  [
    'professional',
    'unique claim id without value',
    (e) => delete e.identifier?.[0]?.value,
    `${eob}.identifier:uniqueclaimid.value: 0`,
  ],
  [
    'professional',
    'of a preauthorization',
    (e) => (e.use = 'preauthorization'),
    `${eob}.use: must be "claim"`,
  ],
  [
    'professional',
    'two benefit payment statuses of a line',
    (e) => (line(e).adjudication = twice(line(e).adjudication, 'benefitpaymentstatus')),
    `${eob}.item.adjudication:benefitpaymentstatus: 2, at most 1`,
  ],
  [
    'professional',
    'no benefit payment status of a line',
    (e) => (line(e).adjudication = without(line(e).adjudication, 'benefitpaymentstatus')),
    `${eob}.item.adjudication:benefitpaymentstatus: 0, at least 1`,
  ],
  [
    'professional',
    'two adjustment reasons of a line',
    (e) => (line(e).adjudication = twice(line(e).adjudication, 'adjustmentreason')),
    `${eob}.item.adjudication:adjustmentreason: 2, at most 1`,
  ],
  [
    'professional',
    'an adjustment without its reason',
    (e) => delete line(e).adjudication?.at(-1)?.reason,
    `${eob}.item.adjudication:adjustmentreason.reason: 0`,
  ],
  [
    'professional',
    'an adjustment reason of no list',
    (e) => Object.assign(line(e).adjudication?.at(-1) ?? {}, { reason: uncoded }),
    `${eob}.item.adjudication:adjustmentreason.reason: must have a code`,
  ],
  [
    'professional',
    'a place that is an address',
    (e) => {
      delete line(e).locationCodeableConcept;
      line(e).locationAddress = { city: 'A' };
    },
    `${eob}.item.location: must be CodeableConcept`,
  ],
  [
    'professional',
    'a place of no list',
    (e) => (line(e).locationCodeableConcept = uncoded),
    `${eob}.item.location:locationCodeableConcept: must have a code`,
  ],
  [
    'professional',
    'a service of no list',
    (e) => (line(e).productOrService = uncoded),
    `${eob}.item.productOrService: must have a code`,
  ],
  [
    'professional',
    'a role of institutions',
    (e) => Object.assign(e.careTeam?.[0] ?? {}, { role: concept(system.c4bbCareTeamRole, 'attending') }),
    `${eob}.careTeam.role: must have a code`,
  ],
  [
    'professional',
    'an organization as rendering provider',
    (e) => Object.assign(e.careTeam?.[0] ?? {}, { provider: { reference: 'Organization/o' } }),
    'EOB-careTeam-practitioner',
  ],
  [
    'professional',
    'a diagnosis of institutions',
    (e) => Object.assign(e.diagnosis?.[0] ?? {}, { type: [concept(system.c4bbDiagnosisType, 'other')] }),
    `${eob}.diagnosis.type: must have a code`,
  ],
  [
    'professional',
    'two focal insurances',
    (e) => (e.insurance = [...e.insurance, ...e.insurance]),
    'EOB-insurance-focal: 2',
  ],
  [
    'professional',
    'no version of the profile',
    (e) => (e.meta = { ...e.meta, profile: [(e.meta?.profile?.[0] ?? '').slice(0, -6)] }),
    'meta-profile-version',
  ],
  [
    'professional',
    'another profile',
    (e) => (e.meta = { ...e.meta, profile: inpatientSample().meta?.profile ?? [] }),
    'meta-profile-version',
  ],
  ['professional', 'no time of change', (e) => delete e.meta?.lastUpdated, `${eob}.meta.lastUpdated: 0`],
  ['professional', 'an outcome of partial', (e) => (e.outcome = 'partial'), 'outcome: must be complete'],
  [
    'professional',
    'a patient that is a practitioner',
    (e) => (e.patient = { reference: 'Practitioner/1' }),
    `${eob}.patient: must point to Patient`,
  ],
  [
    'professional',
    'a coverage only by name',
    (e) => (e.insurance = [{ focal: true, coverage: { display: 'A' } }]),
    'insurance[0].coverage: must have a literal',
  ],
  [
    'professional',
    'a payment type of no list',
    (e) => (e.payment = { type: uncoded }),
    `${eob}.payment.type: must have a code`,
  ],
  [
    'professional',
    'a distance that no line refers to',
    (e) =>
      (e.supportingInfo = [
        {
          sequence: 1,
          category: concept(system.c4bbSupportingInfo, 'transportationdistance'),
          valueQuantity: { value: 5, unit: '[mi_i]', system: system.ucum },
        },
      ]),
    'EOB-prof-transportation',
  ],
  [
    'professional',
    'a distance in kilometres',
    (e) =>
      (e.supportingInfo = [
        {
          sequence: 1,
          category: concept(system.c4bbSupportingInfo, 'transportationdistance'),
          valueQuantity: { value: 5, unit: 'km' },
        },
      ]),
    `${eob}.supportingInfo:transportationdistance.value:valueQuantity.unit: must be "[mi_i]"`,
  ],
  [
    'professional',
    'a payee that is nobody',
    (e) => (e.payee = { type: concept(system.payeeType, 'other') }),
    'EOB-payee-other',
  ],
  [
    'inpatient',
    'no admission period',
    (e) => (e.supportingInfo = without(e.supportingInfo, 'admissionperiod')),
    `${eob}.supportingInfo:admissionperiod: 0, at least 1`,
  ],
  [
    'inpatient',
    'an admission on a day',
    (e) =>
      (e.supportingInfo = [
        {
          sequence: 1,
          category: concept(system.c4bbSupportingInfo, 'admissionperiod'),
          timingDate: '2026-03-02',
        },
      ]),
    `${eob}.supportingInfo:admissionperiod.timing: must be Period`,
  ],
  [
    'inpatient',
    'a type of bill without code',
    (e) => delete e.supportingInfo?.[1]?.code,
    `${eob}.supportingInfo:typeofbill.code: 0`,
  ],
  [
    'inpatient',
    'two types of bill',
    (e) => (e.supportingInfo = twice(e.supportingInfo, 'typeofbill')),
    `${eob}.supportingInfo:typeofbill: 2, at most 1`,
  ],
  ['inpatient', 'no sub type', (e) => delete e.subType, `${eob}.subType: 0`],
  ['inpatient', 'no revenue code', (e) => delete line(e).revenue, `${eob}.item.revenue: 0`],
  [
    'inpatient',
    'a practitioner as provider',
    (e) => (e.provider = { reference: 'Practitioner/1' }),
    `${eob}.provider: must point to Organization`,
  ],
  [
    'inpatient',
    'amounts in header and line',
    (e) => (line(e).adjudication = (e.adjudication ?? []).slice(0, 1)),
    'EOB-institutional-item-or-header-adjudication',
  ],
  [
    'inpatient',
    'amounts nowhere',
    (e) => (e.adjudication = (e.adjudication ?? []).slice(-2)),
    'EOB-institutional-item-or-header-adjudication',
  ],
  [
    'inpatient',
    'a line of reasons without amounts',
    (e) => (line(e).adjudication = (e.adjudication ?? []).slice(-1)),
    'adjudication-has-amount-type-slice: line 1',
  ],
  [
    'inpatient',
    'no benefit payment status',
    (e) => (e.adjudication = without(e.adjudication, 'benefitpaymentstatus')),
    `${eob}.adjudication:benefitpaymentstatus: 0, at least 1`,
  ],
  [
    'inpatient',
    'a newborn with the origin of others',
    (e) => Object.assign(e.supportingInfo?.[2] ?? {}, { code: concept(system.admissionType, '4') }),
    'EOB-inst-pointoforigin',
  ],
  [
    'inpatient',
    'an adult with the origin of a newborn',
    (e) => Object.assign(e.supportingInfo?.[3] ?? {}, { code: concept(system.pointOfOriginNewborn, '5') }),
    'EOB-inst-pointoforigin',
  ],
  [
    'inpatient',
    'no amount among the totals',
    (e) => (e.total = [{ category: concept(system.c4bbStatus, 'innetwork'), amount: { value: 1 } }]),
    `${eob}.total:adjudicationamounttype: 0`,
  ],
  [
    'outpatient',
    'a patient reason instead of a principal, of no list',
    (e) => Object.assign(e.diagnosis?.[0] ?? {}, { type: [concept(system.c4bbDiagnosisType, 'secondary')] }),
    `${eob}.diagnosis.type: must have a code`,
  ],
  ['outpatient', 'a line without its day', (e) => delete line(e).servicedDate, `${eob}.item.serviced: 0`],
  [
    'outpatient',
    'received over a period',
    (e) =>
      (e.supportingInfo = [
        {
          sequence: 1,
          category: concept(system.c4bbSupportingInfo, 'clmrecvddate'),
          timingPeriod: { start: '2026-03-05' },
        },
      ]),
    `${eob}.supportingInfo:clmrecvddate.timing: must be date`,
  ],
])('%s: %s is caught', (kind, _name, damage, expected) => {
  const copy = sample(kind);
  damage(copy);
  expect(c4bbFaults(copy).filter((f) => f.startsWith(expected))).toHaveLength(1);
});

const setTotal = (e: ExplanationOfBenefit, code: string, value: number): void => {
  const total = e.total?.find((t) => JSON.stringify(t.category).includes(`"${code}"`));
  if (total) total.amount = { value, currency: 'USD' };
};

test.each<[Kind, string, (e: ExplanationOfBenefit) => unknown, string]>([
  [
    'professional',
    'a discount one cent off',
    (e) => {
      setTotal(e, 'discount', 30.01);
    },
    'total: submitted 100.00 is not',
  ],
  [
    'professional',
    'a payment one cent off',
    (e) => {
      setTotal(e, 'paidtoprovider', 45.01);
    },
    'total: eligible 70.00 is not',
  ],
  [
    'professional',
    'a share one cent off',
    (e) => {
      setTotal(e, 'memberliability', 25.01);
    },
    'total: memberliability is not',
  ],
  [
    'professional',
    'a share lowered by what was paid before',
    (e) => {
      setTotal(e, 'memberliability', 0);
    },
    'total: memberliability is not',
  ],
  [
    'professional',
    'no share',
    (e) => (e.total = without(e.total, 'memberliability')),
    'total: memberliability is missing',
  ],
  ['professional', 'a total twice', (e) => (e.total = twice(e.total, 'copay')), 'total: copay stands twice'],
  [
    'professional',
    'another amount paid',
    (e) => (e.payment = { amount: { value: 46, currency: 'USD' } }),
    'payment.amount',
  ],
  [
    'professional',
    'other lines than the total',
    (e) => (line(e).net = { value: 99, currency: 'USD' }),
    'total: submitted is not the sum of item.net',
  ],
  [
    'professional',
    'euros',
    (e) => Object.assign(e.total?.[0]?.amount ?? {}, { currency: 'EUR' }),
    'amount: EUR is not USD',
  ],
  [
    'inpatient',
    'a header one cent off',
    (e) => Object.assign(e.adjudication?.[0] ?? {}, { amount: { value: 8000.01 } }),
    'total: submitted 8000.00 is not the sum of its parts 8000.01',
  ],
  [
    'outpatient',
    'a refused line charged in part above what was refused',
    (e) => {
      setTotal(e, 'memberliability', 130.03);
    },
    'total: memberliability is not',
  ],
  [
    'outpatient',
    'a line that does not add up',
    (e) => Object.assign(line(e).adjudication?.[2] ?? {}, { amount: { value: 199.99 } }),
    'line 1: submitted 600.10 is not',
  ],
])('%s: %s is caught', (kind, _name, damage, expected) => {
  const copy = sample(kind);
  damage(copy);
  expect(c4bbFaults(copy).filter((f) => f.startsWith(expected))).toHaveLength(1);
});

test.each<[string, string, (draft: Draft) => unknown, string]>([
  ['Coverage', 'no subscriber id', (d) => delete d['subscriberId'], 'Coverage.subscriberId: 0'],
  [
    'Coverage',
    'two payers',
    (d) => (d['payor'] = [{ reference: 'Organization/a' }, { reference: 'Organization/b' }]),
    'Coverage.payor: 2, at most 1',
  ],
  [
    'Coverage',
    'a patient as payer',
    (d) => (d['payor'] = [{ reference: 'Patient/a' }]),
    'Coverage.payor: must point to Organization',
  ],
  [
    'Coverage',
    'a relationship of no list',
    (d) => (d['relationship'] = uncoded),
    'Coverage.relationship: must have a code',
  ],
  [
    'Patient',
    'no member id',
    (d) => (d['identifier'] = [{ system: 'urn:a', value: '1' }]),
    'Patient.identifier:memberid: 0',
  ],
  ['Patient', 'no gender', (d) => delete d['gender'], 'Patient.gender: 0'],
  ['Organization', 'not said to be active', (d) => delete d['active'], 'Organization.active: 0'],
  [
    'Organization',
    'no time of change',
    (d) => (d['meta'] = { profile: (d['meta'] as { profile: unknown }).profile }),
    'uncontained-requires-lastUpdated',
  ],
  ['Practitioner', 'no family name', (d) => (d['name'] = [{ text: 'A' }]), 'Practitioner.name.family: 0'],
  [
    'Practitioner',
    'neither NPI nor tax id',
    (d) => (d['identifier'] = [{ value: '1' }]),
    'Practitioner-identifier',
  ],
])('%s: %s is caught', (type, _name, damage, expected) => {
  const sound = examples.find((r) => r.resourceType === type);
  const copy = structuredClone(sound) as unknown as Draft;
  damage(copy);
  expect(c4bbFaults(copy as unknown as Resource).filter((f) => f.startsWith(expected))).toHaveLength(1);
});
