import { expect, test } from '@jest/globals';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import { containing, invariants } from '../../src/validation/invariant.ts';
import { validateResource } from '../../src/validation/validate.ts';
import { snapshotOf } from './official.ts';

const said = (resource: unknown): string[] =>
  validateResource(resource).map((i) => `${codeOfIssue(i) ?? '?'} ${i.expression?.join() ?? ''}`);

const patient = { resourceType: 'Patient' };
const coverage = (start: string, end: string): unknown => ({
  resourceType: 'Coverage',
  status: 'active',
  beneficiary: { display: 'a' },
  payor: [{ display: 'a' }],
  period: { start, end },
});
const observation = (valueQuantity: unknown): unknown => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'a' },
  valueQuantity,
});

test('every rule is an error of the official definition', () => {
  const official = (type: string): (string | undefined)[] =>
    snapshotOf(type)[0]
      ?.constraint?.filter((c) => c.severity === 'error')
      .map((c) => c.key) ?? [];
  for (const [type, rules] of Object.entries(invariants))
    expect(official(type)).toEqual(expect.arrayContaining(rules.map((r) => r.key)));
  expect(official('DomainResource')).toEqual(expect.arrayContaining(containing.map((r) => r.key)));
});

test.each<[string, unknown, readonly string[]]>([
  ['a period of one day', coverage('2026-01-01', '2026-01-01'), []],
  ['a period from a day to its month', coverage('2026-01-15', '2026-01'), []],
  ['a period in two time zones', coverage('2026-01-01T00:30:00+10:00', '2025-12-31T15:00:00Z'), []],
  [
    'a period that ends before it starts',
    coverage('2026-01-02', '2026-01-01'),
    ['per-1 Coverage.period.end'],
  ],
  ['a year before', coverage('2026-01-02', '2025'), ['per-1 Coverage.period.end']],
  [
    'an instant before, by the zone',
    coverage('2026-01-01T00:30:00Z', '2026-01-01T01:00:00+10:00'),
    ['per-1 Coverage.period.end'],
  ],
  ['a day and an instant, which cannot be told', coverage('2026-01-02', '2026-01-01T23:00:00-05:00'), []],
  [
    'a coded unit with its system',
    observation({ value: 1, code: 'mg', system: 'http://unitsofmeasure.org' }),
    [],
  ],
  ['a unit that is not coded', observation({ value: 1, unit: 'mg' }), []],
  [
    'a coded unit without system',
    observation({ value: 1, code: 'mg' }),
    ['qty-3 Observation.value.ofType(Quantity).system'],
  ],
  [
    'an age in a coded unit without system',
    { resourceType: 'Condition', subject: { display: 'a' }, onsetAge: { value: 1, code: 'a' } },
    ['qty-3 Condition.onset.ofType(Age).system'],
  ],
  [
    'a telephone without system',
    { ...patient, telecom: [{ value: '1' }] },
    ['cpt-2 Patient.telecom[0].system'],
  ],
  ['data of no type', { ...patient, photo: [{ data: 'aGVsbG8=' }] }, ['att-1 Patient.photo[0].contentType']],
  ['an extension of nothing', { ...patient, extension: [{ url: 'urn:a' }] }, ['ext-1 Patient.extension[0]']],
  [
    'an extension of a value and of extensions',
    {
      ...patient,
      extension: [{ url: 'urn:a', valueCode: 'a', extension: [{ url: 'urn:b', valueCode: 'b' }] }],
    },
    ['ext-1 Patient.extension[0]'],
  ],
  [
    'an extension whose value is not known',
    {
      ...patient,
      extension: [{ url: 'urn:a', _valueCode: { extension: [{ url: 'urn:b', valueCode: 'b' }] } }],
    },
    [],
  ],
  [
    'a resource contained in one contained',
    {
      ...patient,
      contained: [{ resourceType: 'Patient', id: 'a', contained: [{ resourceType: 'Patient', id: 'b' }] }],
    },
    ['dom-2 Patient.contained'],
  ],
  [
    'a contained resource with a version',
    { ...patient, contained: [{ resourceType: 'Patient', id: 'a', meta: { versionId: '1' } }] },
    ['dom-4 Patient.contained'],
  ],
])('%s', (_name, resource, expected) => {
  expect(said(resource)).toEqual(expected);
});
