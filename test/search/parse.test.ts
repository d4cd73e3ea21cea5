import { describe, expect, test } from '@jest/globals';
import type { ResourceType } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { FhirError } from '../../src/outcome/fhirError.ts';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import { parsePairs } from '../../src/search/parse.ts';
import { impliedRange } from '../../src/search/type/number.ts';
import { stretchOf } from '../../src/search/type/date.ts';
import { splitAt, unescaped } from '../../src/search/split.ts';

type Pairs = readonly (readonly [string, string])[];
const iso = (text: string): string[] => {
  const { low = NaN, high = NaN } = stretchOf(text) ?? {};
  return [new Date(low).toISOString(), new Date(high).toISOString()];
};

describe('what cannot be searched is refused with a code', () => {
  const refused: [ResourceType, string, string, string, RegExp][] = [
    ['Patient', 'brithdate', '1980', 'unknown-parameter', /nearest is birthdate/],
    ['Patient', 'familly', 'x', 'unknown-parameter', /nearest is family/],
    ['Claim', 'pateint', '1', 'unknown-parameter', /nearest is patient/],
    ['Patient', 'Family', 'x', 'unknown-parameter', /nearest is family/],
    ['Patient', '_lastupdated', '2020', 'unknown-parameter', /nearest is _lastUpdated/],
    ['Patient', 'brithdate', '', 'unknown-parameter', /nearest is birthdate/],
    ['Patient', '_sort', 'brithdate', 'unknown-parameter', /nearest is birthdate/],
    ['Patient', '_include', 'Patient:organisation', 'unknown-parameter', /nearest is organization/],
    ['Observation', 'code-value-quantity', 'x', 'not-supported', /composite/],
    ['Location', 'near', '1|2', 'not-supported', /special/],
    ['Patient', 'organization.name', 'x', 'not-supported', /[Cc]hained/],
    ['Observation', 'subject:Patient.name', 'x', 'not-supported', /[Cc]hained/],
    ['Patient', '_has:Observation:patient:code', 'x', 'not-supported', /_has/],
    ['Patient', 'identifier:of-type', 'a|b|c', 'not-supported', /of-type/],
    ['Observation', 'code:in', 'http://x', 'not-supported', /:in /],
    ['Patient', '_include:iterate', 'Patient:organization', 'not-supported', /iterate/],
    ['Patient', 'family:exactly', 'x', 'unknown-modifier', /missing, exact, contains/],
    ['Patient', 'birthdate:exact', '1980', 'unknown-modifier', /date parameter/],
    ['Patient', 'family:', 'x', 'unknown-modifier', /string parameter/],
    ['Patient', 'gender:missing', 'yes', 'malformed-value', /true or false/],
    ['Patient', 'birthdate', '1980-02-30', 'malformed-value', /date/],
    ['Patient', 'birthdate', '31/12/1980', 'malformed-value', /date/],
    ['Patient', 'birthdate', 'xx1980', 'unknown-prefix', /eq, ne, gt/],
    ['RiskAssessment', 'probability', 'half', 'unknown-prefix', /eq, ne/],
    ['RiskAssessment', 'probability', '0,5x', 'malformed-value', /number/],
    ['Observation', 'value-quantity', '5|mg', 'malformed-value', /quantity/],
    ['Observation', 'value-quantity', '5|a|b|c', 'malformed-value', /quantity/],
    ['Patient', 'identifier', 'a|b|c', 'malformed-value', /token/],
    ['Patient', 'identifier', '|', 'malformed-value', /token/],
    ['Patient', 'gender', 'male,', 'malformed-value', /empty/],
    ['Observation', 'patient', 'Patient/a b', 'malformed-value', /reference/],
    ['Observation', 'subject:Patient', 'Group/1', 'malformed-value', /Patient/],
    ['Patient', '_count', '-1', 'malformed-value', /whole number/],
    ['Patient', '_count', 'many', 'malformed-value', /whole number/],
    ['Patient', '_total', 'yes', 'malformed-value', /none, estimate, accurate/],
    ['Patient', '_include', 'Observation:subject', 'malformed-value', /Patient/],
    ['Patient', '_include', 'Patient:organization:Nothing', 'malformed-value', /resource type/],
    ['Patient', '_include', 'Patient:gender', 'malformed-value', /reference/],
    ['Patient', '_revinclude', 'Nothing:x', 'malformed-value', /resource type/],
    ['Patient', '_revinclude', 'Observation:subject:Group', 'malformed-value', /Patient/],
    ['Patient', '_filter', 'name eq x', 'unknown-parameter', /nearest/],
  ];
  test.each(refused)('%s?%s=%s is %s', (type, name, value, code, text) => {
    let thrown: unknown;
    try {
      parsePairs(type, [[name, value]]);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(FhirError);
    const { status, issue } = thrown as FhirError;
    expect([status, issue[0] && codeOfIssue(issue[0])]).toEqual([400, code]);
    expect(issue[0]?.details?.text).toMatch(text);
    if (value.length > 3 && code === 'malformed-value') expect(issue[0]?.details?.text).not.toContain(value); // may be PHI
  });
});

test('what shapes the answer only is left to the caller', () => {
  const pairs: Pairs = [
    ['_format', 'json'],
    ['_pretty', 'true'],
    ['_summary', 'count'],
    ['_elements', 'id'],
  ];
  expect(parsePairs('Patient', pairs)).toEqual(parsePairs('Patient', []));
});

test('a parameter without a value says nothing', () => {
  expect(
    parsePairs('Patient', [
      ['family', ''],
      ['birthdate', ''],
    ]),
  ).toEqual(parsePairs('Patient', []));
});

test('the control parameters', () => {
  const query = parsePairs('Observation', [
    ['_sort', '-date,_id,code'],
    ['_count', '5000'],
    ['_total', 'accurate'],
    ['_cursor', 'x.y'],
    ['_include', 'Observation:subject:Patient'],
    ['_revinclude', 'Provenance:target'],
  ]);
  expect(query).toMatchObject({
    filters: [],
    sort: [
      { parameter: { code: 'date' }, descending: true },
      { parameter: '_id', descending: false },
      { parameter: { code: 'code' }, descending: false },
    ],
    count: 1000,
    total: 'accurate',
    cursor: 'x.y',
    include: [{ source: 'Observation', parameter: { code: 'subject' }, target: 'Patient' }],
    revinclude: [{ source: 'Provenance', parameter: { code: 'target' }, target: 'Observation' }],
  });
  expect(
    parsePairs('ExplanationOfBenefit', [['_include', 'ExplanationOfBenefit:*']]).include.length,
  ).toBeGreaterThan(8);
});

test.each([
  ['patient', '7', { types: ['Patient', 'Group'], id: '7' }],
  ['patient', 'Patient/7', { types: ['Patient'], id: '7' }],
  ['patient', 'http://here/fhir/Patient/7', { types: ['Patient'], id: '7' }],
  ['patient', 'http://there/fhir/Patient/7', { url: 'http://there/fhir/Patient/7' }],
  ['patient:Patient', '7', { types: ['Patient'], id: '7' }],
])('%s=%s refers to %j', (name, value, target) => {
  const [filter] = parsePairs('Observation', [[name, value]], { base: 'http://here/fhir' }).filters;
  expect(filter).toMatchObject({ values: [{ target }] });
});

test.each([
  ['2024', '2024-01-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z'],
  ['2024-02', '2024-02-01T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
  ['2024-12-31T23:59Z', '2024-12-31T23:59:00.000Z', '2025-01-01T00:00:00.000Z'],
  ['2024-12-31T23:59:59', '2024-12-31T23:59:59.000Z', '2025-01-01T00:00:00.000Z'],
  ['2024-01-01T00:30:00+05:30', '2023-12-31T19:00:00.000Z', '2023-12-31T19:00:01.000Z'],
  ['2024-01-01T00:00:00.123-04:00', '2024-01-01T04:00:00.123Z', '2024-01-01T04:00:00.124Z'],
  ['0099-12', '0099-12-01T00:00:00.000Z', '0100-01-01T00:00:00.000Z'],
])('%s is from %s to %s', (text, low, high) => {
  expect(iso(text)).toEqual([low, high]);
});

test('every instant that JavaScript writes is read to the millisecond', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-30'), noInvalidDate: true }),
      (date) => {
        expect(stretchOf(date.toISOString())).toEqual({ low: date.getTime(), high: date.getTime() + 1 });
      },
    ),
  );
});

test.each([
  ['100', 99.5, 100.5],
  ['100.00', 99.995, 100.005],
  ['1e2', 95, 105],
  ['5.40e-3', 0.005395, 0.005405],
  ['-3', -3.5, -2.5],
])('%s implies the range from %d to %d', (text, low, high) => {
  expect(impliedRange(text)?.low).toBeCloseTo(low, 10);
  expect(impliedRange(text)?.high).toBeCloseTo(high, 10);
});

test('what is escaped is not split, and comes out as it went in', () => {
  const escape = (text: string): string => text.replace(/[,|$\\]/g, '\\$&');
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (parts) => {
      expect(splitAt(parts.map(escape).join(','), ',').map(unescaped)).toEqual(parts);
    }),
  );
});
