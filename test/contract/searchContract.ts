import { describe, expect, test } from '@jest/globals';
import type { Observation, Patient, Resource, ResourceType, RiskAssessment } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { parsePairs } from '../../src/search/parse.ts';
import type { Store } from '../../src/store/store.ts';
import { runsOn } from '../runs.ts';
import { criteria, observations, patients, riskAssessments } from './searchCases.ts';
import { naive } from './searchOracle.ts';
import { put, type Subject } from './caseTable.ts';

type Pairs = readonly (readonly [string, string])[];

const search = async (store: Store, type: ResourceType, pairs: Pairs): Promise<string[]> =>
  (await store.search(parsePairs(type, pairs, { base: 'https://here/fhir' }))).matches.map(({ id }) => id);

const chart: (Resource & { id: string })[] = [
  { resourceType: 'Organization', id: 'org', name: 'Älder Street, Clinic' },
  {
    resourceType: 'Patient',
    id: 'ann',
    name: [{ family: 'Müller', given: ['Ann', 'Marie'] }, { text: 'Annie M.' }],
    identifier: [{ system: 'http://mrn', value: 'A|1' }, { value: 'bare' }],
    telecom: [
      { system: 'phone', value: '555' },
      { system: 'email', value: 'a@b' },
    ],
    gender: 'female',
    birthDate: '1980-02-29',
    deceasedDateTime: '2020-01-01',
    managingOrganization: { reference: 'Organization/org' },
    meta: { profile: ['http://x/p|1.0'], tag: [{ system: 't', code: 'vip' }] },
  },
  { resourceType: 'Patient', id: 'bob', gender: 'male', birthDate: '1980', name: [{ family: 'Muller' }] },
  {
    resourceType: 'Observation',
    id: 'o1',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '1-8' }] },
    subject: { reference: 'Patient/ann' },
    effectivePeriod: { start: '2024-01-10', end: '2024-01-20T12:00:00Z' },
    component: [
      {
        code: { coding: [{ system: 'http://loinc.org', code: '9-9' }] },
        valueQuantity: { value: 5.4, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' },
      },
    ],
  },
  {
    resourceType: 'Observation',
    id: 'o2',
    status: 'preliminary',
    code: { coding: [{ code: '1-8' }] },
    subject: { reference: 'https://elsewhere/fhir/Patient/ann' },
    performer: [{ identifier: { system: 'http://npi', value: '1' } }],
    effectiveDateTime: '2024-01-15T10:00:00+02:00',
    valueQuantity: { value: 120, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
  },
  {
    resourceType: 'ValueSet',
    id: 'vs',
    status: 'active',
    url: 'http://acme.org/vs/one',
  },
  {
    resourceType: 'Immunization',
    id: 'i',
    encounter: { reference: 'Encounter/e' },
  } as unknown as Resource & { id: string },
  {
    resourceType: 'MedicationAdministration',
    id: 'm',
    context: { reference: 'Encounter/e' },
  } as unknown as Resource & { id: string },
  {
    resourceType: 'MedicationAdministration',
    id: 'm2',
    context: { reference: 'EpisodeOfCare/e' },
  } as unknown as Resource & { id: string },
  {
    resourceType: 'DeviceUseStatement',
    id: 'd',
    extension: [
      {
        url: 'https://claimwright.example/fhir/StructureDefinition/encounter',
        valueReference: { reference: 'Encounter/e' },
      },
    ],
  } as unknown as Resource & { id: string },
];

const cases: [string, ResourceType, Pairs, string[]][] = [
  ['a string starts with it, without case and accents', 'Patient', [['family', 'mull']], ['ann', 'bob']],
  [':exact minds case and accents', 'Patient', [['family:exact', 'Müller']], ['ann']],
  [':exact is the whole', 'Patient', [['family:exact', 'Mül']], []],
  [':contains', 'Patient', [['name:contains', 'NNI']], ['ann']],
  ['name is every part of the name', 'Patient', [['name', 'marie']], ['ann']],
  ['phonetic is answered from name', 'Patient', [['phonetic', 'marie']], ['ann']],
  ['an escaped comma is no or', 'Organization', [['name', 'alder street\\, c']], ['org']],
  ['alternatives', 'Patient', [['family', 'nobody,müll']], ['ann', 'bob']],
  [
    'all of several criteria',
    'Patient',
    [
      ['family', 'mull'],
      ['gender', 'male'],
    ],
    ['bob'],
  ],
  [
    'one parameter twice is and',
    'Patient',
    [
      ['given', 'ann'],
      ['given', 'marie'],
    ],
    ['ann'],
  ],
  ['a token with its system, an escaped bar in it', 'Patient', [['identifier', 'http://mrn|A\\|1']], ['ann']],
  ['a token of any system', 'Patient', [['identifier', 'A\\|1']], ['ann']],
  ['a token without a system', 'Patient', [['identifier', '|bare']], ['ann']],
  ['a token without a system has none', 'Patient', [['identifier', '|A\\|1']], []],
  ['any token of a system', 'Patient', [['identifier', 'http://mrn|']], ['ann']],
  [
    'a code has the system its element implies',
    'Patient',
    [['gender', 'http://hl7.org/fhir/administrative-gender|male']],
    ['bob'],
  ],
  [':not takes those without one too', 'Patient', [['identifier:not', 'bare']], ['bob']],
  ['a contact by its value', 'Patient', [['email', 'a@b']], ['ann']],
  ['a phone is no email', 'Patient', [['email', '555']], []],
  ['deceased is asked as yes or no', 'Patient', [['deceased', 'true']], ['ann']],
  [':missing=true', 'Patient', [['organization:missing', 'true']], ['bob']],
  [':missing=false', 'Patient', [['identifier:missing', 'false']], ['ann']],
  [
    'a profile with and without its version',
    'Patient',
    [
      ['_profile', 'http://x/p'],
      ['_profile', 'http://x/p|1.0'],
    ],
    ['ann'],
  ],
  ['_tag', 'Patient', [['_tag', 't|vip']], ['ann']],
  ['_id', 'Patient', [['_id', 'bob,ann,none']], ['ann', 'bob']],
  ['a day within a year', 'Patient', [['birthdate', '1980']], ['ann', 'bob']],
  ['a year is not within a day', 'Patient', [['birthdate', '1980-02-29']], ['ann']],
  ['a Period within a month', 'Observation', [['date', '2024-01']], ['o1', 'o2']],
  ['gt: it ends after', 'Observation', [['date', 'gt2024-01-19']], ['o1']],
  ['sa: it starts after', 'Observation', [['date', 'sa2024-01-14']], ['o2']],
  ['eb: it ends before', 'Observation', [['date', 'eb2024-01-16']], ['o2']],
  ['a zone counts', 'Observation', [['date', '2024-01-15T08:00:00Z']], ['o2']],
  ['a plus that arrived as a space', 'Observation', [['date', 'le2024-01-15T10:00:00 02:00']], ['o1', 'o2']],
  ['a reference by id', 'Observation', [['subject', 'Patient/ann']], ['o1']],
  ['patient takes a bare id', 'Observation', [['patient', 'ann']], ['o1']],
  ['a reference by our own URL', 'Observation', [['patient', 'https://here/fhir/Patient/ann']], ['o1']],
  ['a reference to elsewhere', 'Observation', [['subject', 'https://elsewhere/fhir/Patient/ann']], ['o2']],
  [':Type gives a bare id its type', 'Observation', [['subject:Patient', 'ann']], ['o1']],
  ['another type has the id too', 'Observation', [['subject:Group', 'ann']], []],
  [':identifier of a reference', 'Observation', [['performer:identifier', 'http://npi|1']], ['o2']],
  [
    'combo-code is the code or that of a component',
    'Observation',
    [['combo-code', '9-9,http://loinc.org|1-8']],
    ['o1'],
  ],
  [
    'a quantity with unit',
    'Observation',
    [['component-value-quantity', '5.4|http://unitsofmeasure.org|mg']],
    ['o1'],
  ],
  ['a quantity within its precision', 'Observation', [['value-quantity', '1.2e2']], ['o2']],
  ['a quantity by its unit as written', 'Observation', [['value-quantity', 'ge100||mmHg']], ['o2']],
  ['a quantity in another unit', 'Observation', [['value-quantity', 'ge100||kg']], []],
  ['a uri is whole', 'ValueSet', [['url', 'http://acme.org/vs']], []],
  [':below', 'ValueSet', [['url:below', 'http://acme.org/vs']], ['vs']],
  [':above', 'ValueSet', [['url:above', 'http://acme.org/vs/one/two']], ['vs']],
  ['encounter of Immunization', 'Immunization', [['encounter', 'Encounter/e']], ['i']],
  ['encounter of MedicationAdministration', 'MedicationAdministration', [['encounter', 'e']], ['m']],
  ['encounter of DeviceUseStatement', 'DeviceUseStatement', [['encounter', 'Encounter/e']], ['d']],
  [
    '_lastUpdated',
    'Patient',
    [
      ['_lastUpdated', 'ge2025-03-01'],
      ['_lastUpdated', 'lt2025-03-02'],
    ],
    ['ann', 'bob'],
  ],
  [
    '_lastUpdated to the millisecond',
    'Patient',
    [['_lastUpdated', '2025-03-01T10:00:00.000Z']],
    ['ann', 'bob'],
  ],
  ['_lastUpdated that is past', 'Patient', [['_lastUpdated', 'gt2025-03-01T10:00:00.000Z']], []],
];

export function searchContract(store: Subject): void {
  describe('search', () => {
    store.keep((kept) => put(kept, ...chart));
    test.each(cases)('%s: %s %j', async (_, type, pairs, expected) => {
      expect(await search(store(), type, pairs)).toEqual(expected);
      const { total } = await store().search(
        parsePairs(type, [...pairs, ['_count', '0']], { base: 'https://here/fhir' }),
      );
      expect(total).toBe(expected.length);
    });
  });

  describe('search', () => {
    test('what changes is found by what it says now, not by what it said', async () => {
      await put(store(), ...chart);
      await put(store(), { resourceType: 'Patient', id: 'ann', gender: 'male', birthDate: '1980-02-29' });
      expect(await search(store(), 'Patient', [['gender', 'male']])).toEqual(['ann', 'bob']);
      for (const [name, value] of [
        ['family', 'Müller'],
        ['identifier', 'bare'],
        ['organization', 'Organization/org'],
        ['deceased', 'true'],
        ['_tag', 'vip'],
      ] as const)
        expect(await search(store(), 'Patient', [[name, value]])).not.toContain('ann');
      expect(await search(store(), 'Patient', [['birthdate', '1980-02-29']])).toEqual(['ann']);
      await store().transaction((tx) => tx.delete('Patient', 'ann'));
      expect(await search(store(), 'Patient', [['gender', 'male']])).toEqual(['bob']);
      expect(await search(store(), 'Patient', [['gender:not', 'female']])).toEqual(['bob']);
    });

    test('_include and _revinclude add what is there, each once, and no match twice', async () => {
      await put(store(), ...chart, {
        resourceType: 'Group',
        id: 'g',
        type: 'person',
        actual: true,
        managingEntity: { reference: 'Organization/gone' },
      });
      const page = async (type: ResourceType, ...pairs: Pairs): Promise<string[]> =>
        (await store().search(parsePairs(type, pairs))).included.map((r) => `${r.type}/${r.id}`);
      expect(
        await page('Observation', ['_include', 'Observation:subject'], ['_include', 'Observation:patient']),
      ).toEqual(['Patient/ann']);
      expect(await page('Observation', ['_include', 'Observation:subject:Group'])).toEqual([]);
      expect(await page('Patient', ['_include', 'Patient:*'])).toEqual(['Organization/org']);
      expect(await page('Patient', ['_revinclude', 'Observation:patient'])).toEqual(['Observation/o1']);
      expect(await page('Organization', ['_revinclude', 'Patient:organization'])).toEqual(['Patient/ann']);
      expect(await page('Group', ['_include', 'Group:managing-entity'])).toEqual([]);
    });

    test('generated resources are found as a naive reading of the specification finds them', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(observations, { minLength: 4, maxLength: 14 }),
          fc.array(patients, { minLength: 2, maxLength: 8 }),
          fc.array(riskAssessments, { minLength: 2, maxLength: 8 }),
          fc.array(criteria, { minLength: 20, maxLength: 20 }),
          async (o, p, r, asked) => {
            // an id that was used before keeps its place, so order is not compared here
            const all = numbered([...o, ...p, ...r]);
            await renew(store(), all);
            for (const { type, pairs } of asked) {
              const expected = all
                .filter((one) => one.resourceType === type && naive(one, pairs))
                .map(({ id }) => id)
                .sort();
              expect({ type, pairs, ids: (await search(store(), type, pairs)).sort() }).toEqual({
                type,
                pairs,
                ids: expected,
              });
            }
          },
        ),
        { numRuns: runsOn(store.kind, { usual: 40, long: 200 }) },
      );
    });
  });
}

type Generated = Observation | Patient | RiskAssessment;
const numbered = (all: readonly Generated[]): (Generated & { id: string })[] =>
  all.map((one, i) => ({ ...one, id: `r${i}` }));

/** These resources and no others; ids are used again, so that old index entries would show. */
async function renew(store: Store, all: readonly (Generated & { id: string })[]): Promise<void> {
  await store.transaction(async (tx) => {
    for (const type of ['Observation', 'Patient', 'RiskAssessment'] as const) {
      const old = await tx.search({ ...parsePairs(type, []), count: 1000 });
      for (const { id } of old.matches) await tx.delete(type, id);
    }
    for (const one of all) await tx.put({ ...one });
  });
}
