import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, CapabilityStatement, SearchParameter } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { openOffice, type Office } from '../firm/office.ts';
import { at, chair, dental, dentalProcedure, openCounter, patient } from './dentalOffice.ts';
import { explanationsOf } from './explained.ts';

const carin = 'http://hl7.org/fhir/us/carin-bb';
const day = '2026-06-03';

describe.each(eachStore('blueButton'))('Blue Button searches, on %s', (_name, open) => {
  let office: Office;
  let id = '';
  beforeAll(async () => {
    office = await openOffice(open);
    await openCounter(office);
    await office.put(
      patient('ivy'),
      dental('ivy', 'ivy'),
      chair('ivy', day),
      dentalProcedure('ivy-1', at(day, 'ivy'), 'D0120'),
    );
    const [claim] = await office.claims('ivy', '2026-06-04');
    await office.submit(claim, '2026-06-05');
    id = (await explanationsOf(office, 'ivy'))[0]?.id ?? '';
  });
  afterAll(() => office.close());

  const included = async (include: string): Promise<string[]> => {
    const { body } = await office.send(
      'get',
      `ExplanationOfBenefit?_id=${id}&_include=${encodeURIComponent(include)}`,
    );
    return ((body as Bundle).entry ?? [])
      .filter((e) => e.search?.mode === 'include')
      .map(({ resource }) => `${resource?.resourceType ?? ''}/${resource?.id ?? ''}`)
      .sort();
  };

  test('4.2.2 ExplanationOfBenefit:* includes the five listed parties, no payee and no answer', async () => {
    expect(await included('ExplanationOfBenefit:*')).toEqual([
      'Coverage/ivy',
      'Organization/juniper-ridge',
      'Patient/ivy',
      'Practitioner/ruth-abernathy',
    ]);
  });

  test.each([
    ['patient', ['Patient/ivy']],
    ['provider', ['Practitioner/ruth-abernathy']],
    ['care-team', ['Practitioner/ruth-abernathy']],
    ['coverage', ['Coverage/ivy']],
    ['insurer', ['Organization/juniper-ridge']],
    ['payee', ['Organization/alder-street-clinic']],
  ])('4.1.3 ExplanationOfBenefit:%s includes what it names', async (code, names) => {
    expect(await included(`ExplanationOfBenefit:${code}`)).toEqual(names);
  });

  test.each([
    ['patient', 'Patient/ivy'],
    ['_id', ''],
    ['type', 'oral'],
    ['service-date', `gt2026-06-02T00:00:00%2B00:00`],
    ['service-start-date', day],
    ['billable-period-start', day],
    ['insurer', 'Organization/juniper-ridge'],
    ['payee', 'Organization/alder-street-clinic'],
  ])('4.1.2 %s finds it', async (code, value) => {
    const { body } = await office.send('get', `ExplanationOfBenefit?${code}=${value === '' ? id : value}`);
    expect(((body as Bundle).entry ?? []).map((e) => e.resource?.id)).toEqual([id]);
  });

  test('4.1.7 parameters are those of the guide, and readable', async () => {
    const { body } = await office.send('get', 'metadata');
    const rest = (body as CapabilityStatement).rest?.[0]?.resource ?? [];
    const definitionOf = (type: string, code: string): string | undefined =>
      rest.find((r) => r.type === type)?.searchParam?.find((p) => p.name === code)?.definition;
    for (const code of [
      ...['patient', 'type', 'identifier', 'service-date', 'service-start-date', 'billable-period-start'],
      ...['care-team', 'coverage', 'insurer', 'provider'],
    ]) {
      const url = `${carin}/SearchParameter/explanationofbenefit-${code}`;
      expect(definitionOf('ExplanationOfBenefit', code)).toBe(url);
      const { status, body: found } = await office.send(
        'get',
        `SearchParameter/explanationofbenefit-${code}`,
      );
      expect([status, (found as SearchParameter).url, (found as SearchParameter).version]).toEqual([
        200,
        url,
        '2.0.0',
      ]);
    }
    expect(definitionOf('Coverage', 'payor')).toBe(`${carin}/SearchParameter/coverage-payor`);
  });

  test('2.3.3 and 2.3.9 instantiates without version, and every profile of the road', async () => {
    const { body } = await office.send('get', 'metadata');
    const statement = body as CapabilityStatement;
    expect(statement.instantiates).toContain(`${carin}/CapabilityStatement/c4bb`);
    const eob = statement.rest?.[0]?.resource?.find((r) => r.type === 'ExplanationOfBenefit');
    const kinds = ['', '-Inpatient-Institutional', '-Outpatient-Institutional', '-Oral', '-Pharmacy'];
    for (const kind of [...kinds, '-Professional-NonClinician'])
      expect(eob?.supportedProfile).toContain(
        `${carin}/StructureDefinition/C4BB-ExplanationOfBenefit${kind}`,
      );
    for (const include of ['patient', 'provider', 'care-team', 'coverage', 'insurer', 'payee', '*'])
      expect(eob?.searchInclude).toContain(`ExplanationOfBenefit:${include}`);
  });
});
