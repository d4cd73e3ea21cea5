import type { Resource } from '@medplum/fhirtypes';

export const practitioners = 50;
export const organizations = 20;
export const payers = 5;

/** Who the generated records refer to: practices, payers, practitioners, places. */
export function practice(): (Resource & { id: string })[] {
  const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  const npi = (no: number): string => `1${String(no).padStart(9, '0')}`;
  const system = 'http://hl7.org/fhir/sid/us-npi';
  const typed = (code: string) => [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/organization-type', code }] },
  ];
  return [
    ...range(organizations).map((i) => ({
      resourceType: 'Organization' as const,
      id: `org-${i}`,
      identifier: [{ system, value: npi(i) }],
      active: true,
      type: typed('prov'),
      name: `Clinic ${i}`,
    })),
    ...range(payers).map((i) => ({
      resourceType: 'Organization' as const,
      id: `payer-${i}`,
      identifier: [{ system: 'https://www.cms.gov/payer-id', value: `PAY0${i}` }],
      active: true,
      type: typed('pay'),
      name: `Payer ${i}`,
    })),
    ...range(practitioners).map((i) => ({
      resourceType: 'Practitioner' as const,
      id: `prac-${i}`,
      identifier: [{ system, value: npi(1000 + i) }],
      active: true,
      name: [{ family: `Doctor${i}`, given: ['Robin'] }],
    })),
    ...range(organizations).map((i) => ({
      resourceType: 'Location' as const,
      id: `loc-${i}`,
      status: 'active' as const,
      name: `Clinic ${i}, main building`,
      managingOrganization: { reference: `Organization/org-${i}` },
    })),
  ];
}
