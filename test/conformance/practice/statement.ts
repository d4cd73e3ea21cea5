import { describe, expect, test } from '@jest/globals';
import type { CapabilityStatementRestResource, SearchParameter } from '@medplum/fhirtypes';
import { c4bb, c4bbUrl } from '../profile/guide.ts';
import { forms } from './carinProfiles.ts';
import type { Asked } from './conformancePractice.ts';

const carin = 'http://hl7.org/fhir/us/carin-bb';

/** Section 2.3: what the suites read in the CapabilityStatement, but for what the guard, Bulk and PAS add. */
export function statement(asked: () => Asked): void {
  const resource = async (type: string): Promise<CapabilityStatementRestResource | undefined> =>
    (await asked().metadata()).rest?.[0]?.resource?.find((r) => r.type === type);

  describe('2.3 the CapabilityStatement', () => {
    test('2.3.1 2.3.2 2.3.16 5.1 it is of R4, offers JSON, and is valid', async () => {
      const metadata = await asked().metadata();
      expect(metadata.fhirVersion).toBe('4.0.1');
      expect(metadata.format).toEqual(expect.arrayContaining(['json', 'application/fhir+json']));
      expect(asked().server.context.validate(metadata)).toEqual([]);
    });

    test('2.3.3 it instantiates C4BB, without a version', async () => {
      const { instantiates } = await asked().metadata();
      expect(instantiates?.filter((i) => i.startsWith(carin))).toEqual([`${carin}/CapabilityStatement/c4bb`]);
    });

    test('2.3.4 it instantiates the US Core server', async () => {
      const { instantiates = [] } = await asked().metadata();
      expect(instantiates).toContain('http://hl7.org/fhir/us/core/CapabilityStatement/us-core-server');
    });

    test('2.3.8 it supports us-core-patient and further profiles of US Core', async () => {
      const all = ((await asked().metadata()).rest?.[0]?.resource ?? []).flatMap(
        (r) => r.supportedProfile ?? [],
      );
      const usCore = all.filter((p) => p.startsWith('http://hl7.org/fhir/us/core/StructureDefinition/'));
      expect(usCore).toContain('http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient');
      expect(usCore.length).toBeGreaterThan(1);
    });

    test('2.3.9 it supports every profile of C4BB that the practice has resources of', async () => {
      const all = new Set(
        ((await asked().metadata()).rest?.[0]?.resource ?? []).flatMap((r) => r.supportedProfile ?? []),
      );
      const held = [
        'Coverage',
        'ExplanationOfBenefit',
        'Organization',
        'Patient',
        'Practitioner',
        'RelatedPerson',
      ];
      const wanted = [...held, ...forms.map((f) => `ExplanationOfBenefit-${f}`)].map(c4bbUrl);
      expect(wanted.filter((url) => !all.has(url) || !c4bb().profiles.has(url))).toEqual([]);
    });

    test.each([
      'ExplanationOfBenefit',
      'Coverage',
      'Patient',
      'Organization',
      'Practitioner',
      'RelatedPerson',
    ])('2.3.12 %s is read, of a version too, and searched', async (type) => {
      const codes = (await resource(type))?.interaction?.map((i) => i.code);
      expect(codes).toEqual(expect.arrayContaining(['read', 'vread', 'search-type']));
    });

    test.each([
      ['service-date', 'date'],
      ['service-start-date', 'date'],
      ['billable-period-start', 'date'],
      ['insurer', 'reference'],
      ['type', 'token'],
    ])("4.1.7 ExplanationOfBenefit %s is the guide's own parameter, and can be read", async (code, type) => {
      const definition = `${carin}/SearchParameter/explanationofbenefit-${code}`;
      const listed = (await resource('ExplanationOfBenefit'))?.searchParam?.filter(
        ({ name }) => name === code,
      );
      expect(listed).toEqual([{ name: code, definition, type }]);
      const [found] = await asked().search<SearchParameter>(`SearchParameter?url=${definition}`);
      expect(found).toMatchObject({ code, type, base: ['ExplanationOfBenefit'] });
    });

    test('4.1.7 the other parameters of C4BB and its includes are offered', async () => {
      const eob = await resource('ExplanationOfBenefit');
      const codes = ['care-team', 'coverage', 'insurer', 'provider', 'patient', 'payee'];
      expect(eob?.searchParam?.map(({ name }) => name)).toEqual(
        expect.arrayContaining([...codes, 'identifier', '_id']),
      );
      expect(eob?.searchInclude).toEqual(
        expect.arrayContaining([...codes, '*'].map((code) => `ExplanationOfBenefit:${code}`)),
      );
      expect((await resource('Coverage'))?.searchInclude).toContain('Coverage:payor');
    });

    test.each([
      ['Condition', 'asserted-date', 'us-core-condition-asserted-date'],
      ['Encounter', 'discharge-disposition', 'us-core-encounter-discharge-disposition'],
    ])('5.8 %s %s is the parameter of US Core', async (type, code, id) => {
      const listed = (await resource(type))?.searchParam?.find(({ name }) => name === code);
      expect(listed?.definition).toBe(`http://hl7.org/fhir/us/core/SearchParameter/${id}`);
    });
  });
}
