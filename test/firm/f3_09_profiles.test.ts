import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CapabilityStatement, Coverage, Organization, Patient } from '@medplum/fhirtypes';
import { c4bbCoverage, c4bbOrganization, c4bbPatient } from '../../src/billing/explanation/c4bbParty.ts';
import { eachStore } from '../http/eachStore.ts';
import { on, openOffice, type Office } from './office.ts';
import { coded, condition, coverage, patient, visit } from './visit.ts';

const charted = (id: string, of: string, day: string) => [visit(id, of, day), condition(of, id)] as const;
const carin = 'http://hl7.org/fhir/us/carin-bb';
const profile = (name: string): string => `${carin}/StructureDefinition/${name}|2.0.0`;

describe.each(eachStore('firm309'))('on %s', (_name, open) => {
  let office: Office;
  const submit = async (id: string): Promise<void> => {
    const [claim] = await office.claims(id, '2026-10-20');
    await office.submit(claim, '2026-10-20');
  };
  const versionOf = async (type: 'Patient' | 'Coverage', id: string): Promise<string | undefined> =>
    (await office.read<Patient | Coverage>(type, id)).meta?.versionId;

  afterEach(() => office.close());
  beforeEach(async () => {
    office = await openOffice(open);
    await office.put(patient('ada'), coverage('adac', 'ada'), ...charted('v1', 'ada', '2026-10-12'));
  });

  test('3.9 patient and coverage get what C4BB needs and is known when their first claim is answered', async () => {
    await submit('v1');
    const ada = await office.read<Patient>('Patient', 'ada');
    const memberId = ada.identifier?.find(({ type }) => type?.coding?.some(({ code }) => code === 'MB'));
    expect([memberId?.value, memberId?.assigner?.reference]).toEqual([
      'JRHADAC',
      'Organization/juniper-ridge',
    ]);
    expect(memberId?.system).toMatch(/^https:/);
    expect(ada.meta?.profile).toEqual([profile('C4BB-Patient')]);
    expect(ada.name).toEqual(patient('ada').name);
    const own = await office.read<Coverage>('Coverage', 'adac');
    expect(own.meta?.profile).toEqual([profile('C4BB-Coverage')]);
    const payer = await office.read<Organization>('Organization', 'juniper-ridge');
    expect(payer.meta?.profile).toEqual([profile('C4BB-Organization')]);
  });

  test('3.9 one write each, and none for what follows', async () => {
    await submit('v1');
    expect([await versionOf('Patient', 'ada'), await versionOf('Coverage', 'adac')]).toEqual(['2', '2']);
    await office.put(...charted('v2', 'ada', '2026-10-13'));
    await submit('v2');
    expect([await versionOf('Patient', 'ada'), await versionOf('Coverage', 'adac')]).toEqual(['2', '2']);
  });

  test('3.9 the CapabilityStatement says version, guide, what it instantiates, and the profiles that are held', async () => {
    const statement = (await office.send('get', 'metadata')).body as CapabilityStatement;
    expect(statement.software?.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(statement.instantiates).toEqual([
      `${carin}/CapabilityStatement/c4bb`,
      'http://hl7.org/fhir/us/core/CapabilityStatement/us-core-server',
      'http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data',
    ]);
    expect(statement.implementationGuide).toEqual([
      `${carin}/ImplementationGuide/hl7.fhir.us.carin-bb|2.0.0`,
    ]);
    const held = (type: string): readonly string[] =>
      statement.rest?.[0]?.resource?.find((one) => one.type === type)?.supportedProfile ?? [];
    for (const type of ['Patient', 'Coverage', 'Organization'])
      expect(held(type)).toEqual([
        `${carin}/StructureDefinition/C4BB-${type}`,
        `http://hl7.org/fhir/us/core/StructureDefinition/us-core-${type.toLowerCase()}`,
      ]);
    expect(held('ExplanationOfBenefit').length).toBe(6);
    expect(held('Observation')).toEqual([]);
  });

  test('3.9 neighbour: a dry run and a draft write nothing of it', async () => {
    await office.call('Encounter/v1/$generate-claim', [
      on('2026-10-20'),
      { name: 'dryRun', valueBoolean: true },
    ]);
    await office.claims('v1', '2026-10-20');
    expect([await versionOf('Patient', 'ada'), await versionOf('Coverage', 'adac')]).toEqual(['1', '1']);
  });

  test('3.9 neighbour: what is not known is not added, and no profile is claimed that is not met', () => {
    const ben = patient('ben');
    const spouse = coverage('benc', 'ben', {
      relationship: coded('http://terminology.hl7.org/CodeSystem/subscriber-relationship', 'spouse'),
    });
    expect(c4bbPatient(ben, spouse)).toBeUndefined(); // the number is the subscriber's
    const { gender: _, ...noSex } = ben;
    const numbered = c4bbPatient(noSex, coverage('benc', 'ben'));
    expect([numbered?.identifier?.[0]?.value, numbered?.meta]).toEqual(['JRHBENC', undefined]);
    const { subscriberId: __, ...noNumber } = coverage('benc', 'ben');
    expect(c4bbCoverage(noNumber)).toBeUndefined();
    expect(
      c4bbOrganization({ resourceType: 'Organization', name: 'Says not whether active' }),
    ).toBeUndefined();
  });

  test('3.9 neighbour: a profile and a member id of others stay, and are not doubled', async () => {
    const memberId = {
      type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MB' }] },
      system: 'http://x.org/member',
      value: 'M1',
    };
    const theirs = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient';
    await office.put({ ...patient('cyd'), identifier: [memberId], meta: { profile: [theirs] } });
    await office.put(coverage('cydc', 'cyd'), ...charted('v4', 'cyd', '2026-10-12'));
    await submit('v4');
    const cyd = await office.read<Patient>('Patient', 'cyd');
    expect(cyd.identifier).toEqual([memberId]);
    expect(cyd.meta?.profile).toEqual([theirs, profile('C4BB-Patient')]);
  });
});
