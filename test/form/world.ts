import type {
  Claim,
  ClaimItem,
  ClaimResponse,
  Coverage,
  Location,
  Organization,
  Patient,
  Practitioner,
  Resource,
} from '@medplum/fhirtypes';
import type { FormInput } from '../../src/billing/form/claimFacts.ts';
import { extension, system } from '../../src/terminology/system.ts';

/** A claim with everything that a paper form asks for. Codes are HCPCS Level II. */

const code = (uri: string, value: string) => ({ coding: [{ system: uri, code: value }] });
const typed = (value: string) => code(system.identifierType, value);
export const category = (value: string) => code(system.supportingInfo, value);

export const patient: Patient = {
  resourceType: 'Patient',
  id: 'p',
  identifier: [{ type: typed('MR'), value: 'MRN77' }],
  name: [{ family: 'Núñez', given: ['Zoë', 'Ana'] }],
  gender: 'female',
  birthDate: '2015-04-09',
  address: [{ line: ['12 Elm St.', 'Apt #4'], city: 'Holyoke', state: 'MA', postalCode: '01040-1234' }],
  telecom: [{ system: 'phone', value: '(413) 555-0100' }],
};

export const subscriber: Patient = {
  resourceType: 'Patient',
  id: 's',
  name: [{ family: 'Núñez', given: ['Max'], suffix: ['Jr'] }],
  gender: 'male',
  birthDate: '1980-01-31',
  address: [{ line: ['12 Elm St'], city: 'Holyoke', state: 'MA', postalCode: '01040' }],
};

export const clinic: Organization = {
  resourceType: 'Organization',
  id: 'clinic',
  name: 'Elm Street Clinic, Inc.',
  identifier: [
    { system: system.npi, value: '1234567893' },
    { system: system.taxId, value: '04-3117826' },
  ],
  type: [code(system.taxonomy, '261QP2300X')],
  telecom: [{ system: 'phone', value: '413-555-0142' }],
  address: [
    { use: 'billing', line: ['PO Box 9'], city: 'Holyoke', state: 'MA', postalCode: '01041' },
    { line: ['9 Elm St'], city: 'Holyoke', state: 'MA', postalCode: '01040-0009' },
  ],
};

const payer = (id: string, name: string): Organization => ({
  resourceType: 'Organization',
  id,
  name,
  identifier: [{ system: system.payerId, value: id.toUpperCase() }],
  address: [{ line: ['1 Payer Plaza'], city: 'Hartford', state: 'CT', postalCode: '06103' }],
});

const coverage = (id: string, payor: string, type: string): Coverage => ({
  resourceType: 'Coverage',
  id,
  status: 'active',
  type: code('https://x12.org/codes/claim-filing-indicator-codes', type),
  subscriberId: `${id}-001`,
  subscriber: { reference: 'Patient/s' },
  beneficiary: { reference: 'Patient/p' },
  relationship: code(system.subscriberRelationship, 'child'),
  payor: [{ reference: `Organization/${payor}` }],
  class: [
    { type: code(system.coverageClass, 'group'), value: `G-${id}`, name: 'Mill Workers' },
    { type: code(system.coverageClass, 'plan'), value: 'x', name: `Plan ${id}` },
  ],
});

const practitioner = (id: string, family: string, npi: string): Practitioner => ({
  resourceType: 'Practitioner',
  id,
  name: [{ family, given: ['Ruth'] }],
  identifier: [{ system: system.npi, value: npi }],
  qualification: [{ code: code(system.taxonomy, '207Q00000X') }],
});

const place: Location = {
  resourceType: 'Location',
  id: 'place',
  name: 'Elm Annex',
  identifier: [{ system: system.npi, value: '1245319599' }],
  address: { line: ['11 Elm St'], city: 'Holyoke', state: 'MA', postalCode: '010400011' },
};

const answer: ClaimResponse = {
  resourceType: 'ClaimResponse',
  id: 'answer',
  status: 'active',
  type: code(system.claimType, 'professional'),
  use: 'claim',
  patient: { reference: 'Patient/p' },
  created: '2026-03-20',
  insurer: { reference: 'Organization/first' },
  outcome: 'complete',
  payment: { type: code(system.paymentType, 'complete'), amount: { value: 40.5, currency: 'USD' } },
};

const everyone: readonly Resource[] = [
  ...[patient, subscriber, clinic, place, answer],
  ...[payer('first', 'First Health'), payer('second', 'Second Health')],
  ...[coverage('c1', 'first', 'CI'), coverage('c2', 'second', 'CI')],
  ...[practitioner('doc', 'Abernathy', '1003000126'), practitioner('ref', 'Marsh', '1679576722')],
];

/** The same resources, or others of the same name in their place. */
export const knownWith = (...over: readonly Resource[]): FormInput['known'] =>
  new Map([...everyone, ...over].map((r) => [`${r.resourceType}/${r.id ?? ''}`, r]));

export const line = (sequence: number, over: Partial<ClaimItem> = {}): ClaimItem => ({
  sequence,
  careTeamSequence: [1],
  diagnosisSequence: [1],
  productOrService: code(system.hcpcs, 'G0463'),
  servicedDate: '2026-03-02',
  locationCodeableConcept: code(system.placeOfService, '11'),
  quantity: { value: 1 },
  unitPrice: { value: 10.05, currency: 'USD' },
  net: { value: 10.05, currency: 'USD' },
  ...over,
});

const signed = (url: string, value: string) => ({
  url,
  extension: [
    { url: 'value', valueCode: value },
    { url: 'date', valueDate: '2026-03-02' },
  ],
});

export const professional = (over: Partial<Claim> = {}): Claim => ({
  resourceType: 'Claim',
  id: 'claim',
  status: 'active',
  use: 'claim',
  type: code(system.claimType, 'professional'),
  identifier: [{ type: typed('PLAC'), value: 'PCN0001' }],
  patient: { reference: 'Patient/p' },
  created: '2026-03-03',
  billablePeriod: { start: '2026-03-02', end: '2026-03-02' },
  insurer: { reference: 'Organization/first' },
  provider: { reference: 'Organization/clinic' },
  facility: { reference: 'Location/place' },
  priority: { coding: [{ code: 'normal' }] },
  extension: [
    signed(extension.providerSignature, 'Y'),
    signed(extension.assignmentOfBenefits, 'Y'),
    signed(extension.acceptAssignment, 'A'),
    signed(extension.releaseOfInformation, 'Y'),
  ],
  careTeam: [
    {
      sequence: 1,
      provider: { reference: 'Practitioner/doc' },
      role: code(system.c4bbCareTeamRole, 'rendering'),
    },
    {
      sequence: 2,
      provider: { reference: 'Practitioner/ref' },
      role: code(system.c4bbCareTeamRole, 'referring'),
    },
  ],
  diagnosis: [
    { sequence: 1, diagnosisCodeableConcept: code(system.icd10cm, 'J06.9') },
    { sequence: 2, diagnosisCodeableConcept: code(system.icd10cm, 'M17.11') },
  ],
  insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/c1' }, preAuthRef: ['AUTH9'] }],
  item: [
    line(1, {
      diagnosisSequence: [2, 1],
      modifier: [code(system.hcpcs, '25'), code(system.hcpcs, 'GT')],
      net: { value: 1210.05, currency: 'USD' },
    }),
    line(2, {
      productOrService: code(system.hcpcs, 'J1885'),
      detail: [
        {
          sequence: 1,
          productOrService: code(system.ndc, '00409-3795-01'),
          quantity: { value: 2, code: 'mL' },
        },
      ],
      quantity: { value: 2.5 },
      net: { value: 29, currency: 'USD' },
    }),
  ],
  total: { value: 1239.05, currency: 'USD' },
  ...over,
});

export const institutional = (over: Partial<Claim> = {}): Claim =>
  professional({
    type: code(system.claimType, 'institutional'),
    careTeam: [
      {
        sequence: 1,
        provider: { reference: 'Practitioner/doc' },
        role: code(system.c4bbCareTeamRole, 'attending'),
      },
      {
        sequence: 2,
        provider: { reference: 'Practitioner/ref' },
        role: code(system.c4bbCareTeamRole, 'referring'),
      },
    ],
    ...over,
  });

export { code };
