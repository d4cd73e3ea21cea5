import { expect, test } from '@jest/globals';
import { profileFaults } from './check.ts';
import { c4bb, c4bbUrl, usCore, usCoreUrl, type Guide } from './guide.ts';

/** Elements by path (a list's place as a number, * for all) with what they are made; undefined: taken away. */
type Damage = Readonly<Record<string, unknown>>;

const unclaimed: Damage = { 'meta.profile': [] };
const amount = (category: string): unknown => ({
  category: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/adjudication', code: category }] },
  amount: { value: 1, currency: 'USD' },
});
const [inpatient, outpatient, professional, oral, pharmacy] = [
  'Inpatient-Institutional',
  'Outpatient-Institutional',
  'Professional-NonClinician',
  'Oral',
  'Pharmacy',
].map((name) => `ExplanationOfBenefit-${name}`) as [string, string, string, string, string];
const supportingInfo = 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType';

const ofC4bb: readonly (readonly [key: string, profile: string, example: string, Damage])[] = [
  ['coverage-meta-profile-version', 'Coverage', 'Coverage1', unclaimed],
  ['EOB-institutional-inpatient-meta-profile-version', inpatient, 'EOBInpatient1', unclaimed],
  ['EOB-institutional-outpatient-meta-profile-version', outpatient, 'EOBOutpatient1', unclaimed],
  ['EOB-professional-nonclinician-meta-profile-version', professional, 'EOBProfessional1', unclaimed],
  ['EOB-oral-meta-profile-version', oral, 'EOBOral1', unclaimed],
  ['EOB-pharmacy-meta-profile-version', pharmacy, 'EOBPharmacy1', unclaimed],
  ['organization-meta-profile-version', 'Organization', 'Payer1', unclaimed],
  ['patient-meta-profile-version', 'Patient', 'Patient1', unclaimed],
  ['practitioner-meta-profile-version', 'Practitioner', 'Practitioner1', unclaimed],
  ['relatedperson-meta-profile-version', 'RelatedPerson', 'RelatedPerson1', unclaimed],
  ['uncontained-requires-lastUpdated', 'Organization', 'Payer1', { 'meta.lastUpdated': undefined }],
  ['Practitioner-identifier', 'Practitioner', 'Practitioner1', { identifier: [{ value: '1' }] }],
  ['us-core-8', 'Patient', 'Patient1', { name: [{ use: 'usual' }] }],
  [
    'relatedperson-name-or-relationship',
    'RelatedPerson',
    'RelatedPerson1',
    { name: undefined, relationship: undefined },
  ],
  [
    'EOB-payee-other-type-requires-party',
    inpatient,
    'EOBInpatient1',
    {
      payee: {
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/payeetype', code: 'other' }] },
      },
    },
  ],
  [
    'EOB-institutional-item-or-header-adjudication',
    inpatient,
    'EOBInpatient1',
    { 'item.0.adjudication': [amount('submitted')], adjudication: [amount('submitted')] },
  ],
  [
    'adjudication-has-amount-type-slice',
    outpatient,
    'EOBOutpatient1',
    { 'item.0.adjudication': [{ category: { text: 'none' } }] },
  ],
  [
    'EOB-inst-pointoforigin',
    inpatient,
    'EOBInpatient1',
    { 'supportingInfo.3.code.coding.0.system': 'https://www.nubc.org/CodeSystem/PointOfOriginNewborn' },
  ],
  [
    'EOB-careteam-qualification',
    outpatient,
    'EOBOutpatient1',
    { 'careTeam.0.role.coding.0.code': 'rendering', 'careTeam.0.qualification': undefined },
  ],
  [
    'EOB-prof-all-transportation-supportinginfo-linked-to-line',
    professional,
    'EOBProfessionalTransportation1',
    { 'item.*.informationSequence': undefined },
  ],
  [
    'Oral-EOB-supportinginfo-additionalbodysite-requires-line-item',
    oral,
    'EOBOral1',
    {
      'supportingInfo.0.category.coding.0': { system: supportingInfo, code: 'additionalbodysite' },
      'item.*.informationSequence': [99],
    },
  ],
];

test.each(ofC4bb)('C4BB invariant %s of %s, broken in %s, is found', (key, profile, id, damage) => {
  expect(faultsAfter(c4bb(), [c4bbUrl(profile), id], damage)).toContain(key);
});

const noPerformed: Damage = { performedDateTime: undefined, performedPeriod: undefined };
const byPractitioner: Damage = { agent: [{ who: { reference: 'Practitioner/p' } }] };
const noName: Damage = { name: undefined, relationship: undefined };

const ofUsCore: readonly (readonly [key: string, '3.1.1' | '6.1.0' | '7.0.0', profile: string, Damage])[] = [
  ['us-core-15', '7.0.0', 'coverage', { identifier: undefined, subscriberId: undefined }],
  ['us-core-8', '7.0.0', 'diagnosticreport-lab', { effectiveDateTime: undefined }],
  ['us-core-9', '7.0.0', 'diagnosticreport-lab', { issued: undefined }],
  ['us-core-6', '7.0.0', 'documentreference', { 'content.0.attachment': { contentType: 'text/plain' } }],
  ['us-core-20', '7.0.0', 'medicationdispense', { whenHandedOver: undefined }],
  ['us-core-21', '7.0.0', 'medicationrequest', { requester: undefined }],
  ['us-core-2', '7.0.0', 'observation-lab', { valueQuantity: undefined, valueCodeableConcept: undefined }],
  ['us-core-16', '7.0.0', 'organization', { 'identifier.0.value': '12' }],
  ['us-core-17', '7.0.0', 'organization', { 'identifier.0.value': '1144221848' }],
  ['us-core-13', '6.1.0', 'practitionerrole', {}],
  ['pd-1', '6.1.0', 'practitionerrole', {}],
  ['us-core-7', '7.0.0', 'procedure', noPerformed],
  ['us-core-7', '6.1.0', 'procedure', noPerformed],
  ['provenance-1', '6.1.0', 'provenance', byPractitioner],
  ['us-core-14', '7.0.0', 'relatedperson', noName],
  ['us-core-8', '3.1.1', 'patient', { name: [{ use: 'usual' }] }],
];

test.each(ofUsCore)('US Core invariant %s of %s %s, broken, is found', (key, version, name, damage) => {
  const [guide, url] = [usCore(version), usCoreUrl(`us-core-${name}`)];
  const sound = guide.example.filter((r) => r.meta?.profile?.some((p) => p.split('|')[0] === url));
  // No PractitionerRole is published: one that says nothing breaks its rules.
  const empty = { resourceType: 'PractitionerRole' as const };
  const faults = name === 'practitionerrole' ? keysOf(profileFaults(guide, url, empty)) : [];
  expect([...faults, ...sound.flatMap((r) => faultsAfter(guide, [url, r.id ?? ''], damage))]).toContain(key);
});

/** The keys of the invariants that an example breaks when it is damaged. */
function faultsAfter(guide: Guide, [url, id]: readonly [string, string], damage: Damage): string[] {
  const type = guide.profiles.get(url)?.type;
  const copy = structuredClone(guide.example.find((r) => r.id === id && r.resourceType === type));
  if (!copy) throw new Error(`no example ${id}`);
  for (const [path, value] of Object.entries(damage)) put(copy, path.split('.'), value);
  return keysOf(profileFaults(guide, url, copy));
}

const keysOf = (faults: readonly string[]): string[] => faults.map((f) => f.split(': ').at(-1) ?? '');

function put(at: unknown, [step = '', ...rest]: readonly string[], value: unknown): void {
  if (typeof at !== 'object' || at === null) return;
  const holder = at as Record<string, unknown>;
  for (const key of step === '*' ? Object.keys(holder) : [step]) {
    if (rest.length > 0) put(holder[key], rest, value);
    else if (value === undefined) Reflect.deleteProperty(holder, key);
    else holder[key] = value;
  }
}
