import { expect, test } from '@jest/globals';
import type { Organization, Practitioner, RelatedPerson } from '@medplum/fhirtypes';
import {
  c4bbOrganization,
  c4bbPractitioner,
  c4bbRelatedPerson,
} from '../../../src/billing/explanation/c4bbParty.ts';
import { system } from '../../../src/terminology/system.ts';
import { profileFaults } from '../../conformance/profile/check.ts';
import { c4bb, c4bbUrl } from '../../conformance/profile/guide.ts';

const meta = { lastUpdated: '2026-01-01T00:00:00Z' };
const practitioner: Practitioner = {
  resourceType: 'Practitioner',
  id: 'p',
  meta,
  identifier: [{ system: system.npi, value: '1304177250' }],
  name: [{ family: 'Abernathy' }],
};
const faults = (name: string, resource: Practitioner | Organization | RelatedPerson | undefined): string[] =>
  resource ? profileFaults(c4bb(), c4bbUrl(name), resource) : ['nothing is added'];

test('4.11.4 a Practitioner whose number is an NPI by its system gets the type, and the profile it then keeps', () => {
  const made = c4bbPractitioner(practitioner);
  expect(made?.identifier?.[0]?.type?.coding?.[0]?.code).toBe('NPI');
  expect(faults('Practitioner', made)).toEqual([]);
  expect(made && c4bbPractitioner(made)).toBeUndefined(); // nothing more to add
});

test('neighbour: without family name or a number of those kinds no profile is claimed', () => {
  const nameless = c4bbPractitioner({ ...practitioner, name: [{ given: ['Ruth'] }] });
  expect([nameless?.identifier?.[0]?.type?.coding?.[0]?.code, nameless?.meta?.profile]).toEqual([
    'NPI',
    undefined,
  ]);
  expect(
    c4bbPractitioner({ ...practitioner, identifier: [{ system: 'urn:own', value: '1' }] }),
  ).toBeUndefined();
});

test('neighbour: what a writer said of a number stays, on an Organization too', () => {
  const type = { text: 'our own words' };
  const organization: Organization = {
    resourceType: 'Organization',
    id: 'o',
    meta,
    active: true,
    name: 'A',
    identifier: [
      { system: system.npi, value: '1781200468', type },
      { system: system.taxId, value: '043117826' },
    ],
  };
  const made = c4bbOrganization(organization);
  expect(made?.identifier?.map((i) => i.type?.text ?? i.type?.coding?.[0]?.code)).toEqual([
    'our own words',
    'TAX',
  ]);
  expect(faults('Organization', made)).toEqual([]);
});

test('4.11.5 a RelatedPerson that says whether it is active, and who it is, gets the profile', () => {
  const person: RelatedPerson = {
    resourceType: 'RelatedPerson',
    id: 'r',
    meta,
    active: true,
    patient: { reference: 'Patient/p' },
    name: [{ family: 'A' }],
  };
  expect(faults('RelatedPerson', c4bbRelatedPerson(person))).toEqual([]);
  const { active: _, ...unknown } = person;
  expect(c4bbRelatedPerson(unknown)).toBeUndefined();
});
