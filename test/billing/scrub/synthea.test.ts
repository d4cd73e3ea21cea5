import { readFileSync, readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Bundle, Organization, Resource } from '@medplum/fhirtypes';
import { rules } from '../../../src/billing/scrub/rules/index.ts';
import { scrub } from '../../../src/billing/scrub/scrub.ts';
import { codeOfIssue } from '../../../src/outcome/issue.ts';
import { inputOf } from './fixture.ts';

const folder = new URL('../../fixture/synthea/', import.meta.url);
const read = (file: string): Resource[] =>
  (
    (JSON.parse(gunzipSync(readFileSync(new URL(file, folder))).toString('utf8')) as Bundle).entry ?? []
  ).flatMap((e) => e.resource ?? []);
const resources = readdirSync(folder)
  .filter((file) => file.endsWith('.json.gz'))
  .flatMap(read);

/** The errors of a sound claim in which one party is another. */
function errorsWith(parties: Readonly<Record<string, Resource>>): (string | undefined)[] {
  const input = inputOf('minimal');
  const known = new Map([...input.known, ...Object.entries(parties)]);
  return scrub(rules, { ...input, known }).flatMap((i) => (i.severity === 'error' ? [codeOfIssue(i)] : []));
}

const doctors = resources.filter((r) => r.resourceType === 'Practitioner');
const places = resources.filter((r) => r.resourceType === 'Organization');
const patients = resources.filter((r) => r.resourceType === 'Patient');

describe('parties that nobody here wrote', () => {
  test.each(places.map((p) => [p.name ?? '', p] as const))(
    '%s bills without NPI, tax number and taxonomy: only the check digit of the person is an error',
    (_name, place) => {
      const [doctor] = doctors;
      expect(doctor).toBeDefined();
      if (!doctor) return;
      const parties = { 'Organization/clinic': place, 'Practitioner/doctor': doctor };
      expect(errorsWith(parties)).toEqual(['npi-check-digit']);
      const lenient: Organization = {
        ...place,
        extension: [
          {
            url: 'https://claimwright.example/fhir/StructureDefinition/scrub-warning',
            valueCode: 'npi-check-digit',
          },
        ],
      };
      expect(errorsWith({ ...parties, 'Organization/clinic': lenient })).toEqual([]);
    },
  );

  test('patients of Synthea can be billed for', () => {
    expect(patients.length).toBeGreaterThan(0);
    for (const patient of patients) expect(errorsWith({ 'Patient/gwen': patient })).toEqual([]);
  });
});
