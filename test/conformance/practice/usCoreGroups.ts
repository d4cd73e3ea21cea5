import { describe, expect, test } from '@jest/globals';
import type { Group as PatientGroup, Provenance, Resource } from '@medplum/fhirtypes';
import { parseReference } from '../../../src/datatypes/reference.ts';
import { profileFaults } from '../profile/check.ts';
import { usCore, usCoreUrl, type Guide } from '../profile/guide.ts';
import { markedRows, notSeen, suiteLists } from '../profile/mustSupport.ts';
import { usCoreProfileOf } from '../profile/usCoreProfile.ts';
import { targetOf } from '../profile/value.ts';
import type { Asked } from './conformancePractice.ts';
import { valuesAt } from './usCoreSearch.ts';

const versions = ['3.1.1', '6.1.0', '7.0.0'] as const;

/** Types of which a billing server holds something that US Core has a profile for. */
export const chartTypes: readonly string[] = [
  ...[
    'Patient',
    'Coverage',
    'Encounter',
    'Condition',
    'Procedure',
    'Observation',
    'Immunization',
    'Medication',
  ],
  ...['MedicationRequest', 'MedicationDispense', 'DiagnosticReport', 'DocumentReference', 'Organization'],
  ...['Practitioner', 'PractitionerRole', 'Location', 'RelatedPerson', 'ServiceRequest', 'Specimen', 'Goal'],
  ...['CarePlan', 'CareTeam', 'Device', 'Provenance', 'AllergyIntolerance'],
];

/**
 * Version 3.1.1 binds the units of a vital sign's components to a set without L/min, and fixes the flow rate to L/min:
 * nothing that has a flow rate keeps to it; the published example does not either.
 */
const contradicted = (version: string, { id }: Resource): boolean =>
  version === '3.1.1' && id === 'cf-us-sato2-fio2';

/** Marked in profiles, and not asked by the suite: reasons for what is absent, and components of plain vital signs. */
const notAsked = (url: string, row: string): boolean =>
  row.includes('dataAbsentReason') ||
  (row.startsWith('component') && !/blood-pressure|pulse-oximetry/.test(url)) ||
  (row === 'value[x]' && url.endsWith('us-core-blood-pressure'));

const rowsOf = (guide: Guide, url: string, version: string): readonly string[] => {
  const list = version === '3.1.1' ? undefined : suiteLists.usCore[url.split('/').at(-1) ?? ''];
  if (!list) return markedRows(guide, url).filter((row) => !notAsked(url, row));
  return version === '7.0.0' ? [...list.list, ...list.adds7] : list.list;
};

/** Section 5 and appendix C: every resource of a chart keeps to its US Core profile, and every element is somewhere. */
export function usCoreGroups(asked: () => Asked): void {
  const chart = async (): Promise<Resource[]> =>
    (await Promise.all(chartTypes.map((type) => asked().search(`${type}?_count=500`)))).flat();

  describe.each(versions)('5 and C the resources of US Core %s', (version) => {
    const guide = usCore(version);

    test('5.2 5.9 every resource keeps to its profile', async () => {
      let seen = 0;
      for (const r of await chart()) {
        const url = usCoreProfileOf(guide, r);
        if (url === undefined || contradicted(version, r)) continue;
        seen += 1;
        expect([r.resourceType, r.id, profileFaults(guide, url, r)]).toEqual([r.resourceType, r.id, []]);
      }
      expect(seen).toBeGreaterThan(80);
    });

    test('5.2 C no must-support element is missing', async () => {
      const byProfile = Map.groupBy(await chart(), (r) => usCoreProfileOf(guide, r));
      const missing: string[] = [];
      for (const [url, resources] of byProfile) {
        if (url === undefined) continue;
        const either = suiteLists.usCore[url.split('/').at(-1) ?? '']?.either ?? [];
        const rows = rowsOf(guide, url, version);
        missing.push(...notSeen(guide, url, rows, resources, either).map((row) => `${url} ${row}`));
      }
      expect(missing).toEqual([]);
      const wanted = version === '3.1.1' ? ['us-core-condition'] : Object.keys(suiteLists.usCore);
      expect(wanted.map(usCoreUrl).filter((url) => guide.profiles.has(url) && !byProfile.has(url))).toEqual(
        [],
      );
    });
  });

  describe('5 and 10 across the chart', () => {
    test('5.6 10.8 one extension and one code say that data is absent', async () => {
      const text = JSON.stringify(await chart());
      expect(text).toContain('"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason"');
      expect(text).toMatch(
        /"system":"http:\/\/terminology\.hl7\.org\/CodeSystem\/data-absent-reason","code":"unknown"/,
      );
    });

    test('5.9 what the profiles mark beyond the suite is filled too', async () => {
      const guide = usCore('7.0.0');
      const all = await chart();
      const of = (type: string): Resource[] => all.filter((r) => r.resourceType === type);
      const rows: readonly (readonly [string, string, readonly string[]])[] = [
        [
          'us-core-condition-encounter-diagnosis',
          'Condition',
          ['clinicalStatus', 'verificationStatus', 'onset[x]', 'extension:assertedDate'],
        ],
        ['us-core-coverage', 'Coverage', ['class:group.name']],
        ['us-core-practitioner', 'Practitioner', ['address']],
      ];
      for (const [name, type, wanted] of rows)
        expect([name, notSeen(guide, usCoreUrl(name), wanted, of(type))]).toEqual([name, []]);
    });

    test('5.7 10.6 a Provenance has author and transmitter, and a Practitioner acts on behalf of somebody', async () => {
      const found = await asked().search('Provenance?_count=200');
      expect(found.length).toBeGreaterThan(0);
      const targets = new Set(found.flatMap((r) => valuesAt(r, 'target').map(targetOf)));
      for (const type of ['Patient', 'Coverage', 'Encounter', 'Condition', 'Procedure', 'RelatedPerson'])
        expect(targets).toContain(type);
      const agents = (found as Provenance[]).flatMap(({ agent }) => agent);
      const types = new Set(agents.flatMap(({ type }) => type?.coding?.map(({ code }) => code) ?? []));
      expect([...types]).toEqual(expect.arrayContaining(['author', 'transmitter']));
      const people = agents.filter(({ who }) => who.reference?.startsWith('Practitioner/'));
      expect(people.length).toBeGreaterThan(0);
      for (const { onBehalfOf } of people) expect(onBehalfOf?.reference).toMatch(/^Organization\//);
    });

    test('2.6.3 10.7 every reference of a must-support element that occurs resolves', async () => {
      const guide = usCore('7.0.0');
      const asking = new Set<string>();
      for (const r of await chart()) {
        const url = usCoreProfileOf(guide, r);
        for (const row of url === undefined ? [] : markedRows(guide, url).filter((m) => !/[:[]/.test(m)))
          for (const v of valuesAt(r, row)) {
            const [reference] = valuesAt(v, 'reference');
            if (typeof reference === 'string' && parseReference(reference)) asking.add(reference);
          }
      }
      expect(asking.size).toBeGreaterThan(20);
      const missing: string[] = [];
      for (const reference of asking)
        await asked()
          .read(reference)
          .catch(() => missing.push(reference));
      expect(missing).toEqual([]);
    });

    test('10.9, 6.8 a Group has at least two patients, all of them here', async () => {
      const { member = [] } = await asked().read<PatientGroup>('Group/cf-group');
      expect(member.length).toBeGreaterThan(1);
      for (const { entity } of member)
        expect((await asked().read(entity.reference ?? '')).resourceType).toBe('Patient');
    });
  });
}
