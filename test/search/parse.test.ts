import { describe, expect, test } from '@jest/globals';
import type { ResourceType } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { FhirError } from '../../src/outcome/fhirError.ts';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import { parsePairs } from '../../src/search/parse.ts';
import type { Filter } from '../../src/search/query.ts';
import { impliedRange } from '../../src/search/numberRange.ts';
import { stretchOf } from '../../src/search/kind/date.ts';
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
    ['Observation', 'code-value-quantity', 'x', 'malformed-value', /code\$value-quantity/],
    ['Observation', 'code-value-quantity', 'x$', 'malformed-value', /code\$value-quantity/],
    ['Observation', 'code-value-quantity', 'x$5$6', 'malformed-value', /code\$value-quantity/],
    ['Observation', 'code-value-quantity', 'x$half', 'unknown-prefix', /prefix/],
    ['Observation', 'code-value-quantity:missing', 'true', 'unknown-modifier', /takes no modifier/],
    ['Location', 'near', '1|2', 'not-supported', /special/],
    ['Patient', 'organization.nme', 'x', 'unknown-parameter', /Organization.*nearest is name/],
    ['Observation', 'subject.nme', 'x', 'unknown-parameter', /No type that subject refers to/],
    ['Observation', 'subjekt:Patient.name', 'x', 'unknown-parameter', /nearest is subject/],
    ['Observation', 'subject:Practitioner.name', 'x', 'malformed-chain', /does not refer to Practitioner/],
    ['Observation', 'subject:Nothing.name', 'x', 'unknown-modifier', /types it refers to/],
    ['Observation', 'code.name', 'x', 'malformed-chain', /token parameter/],
    ['Observation', 'subject.', 'x', 'unknown-parameter', /has no search parameter/],
    ['Observation', 'date', '1980-13', 'malformed-value', /^date: /],
    ['Observation', 'code', 'a|b|c', 'malformed-value', /^code: /],
    ['Observation', 'subject:Patient.birthdate', 'x1980', 'malformed-value', /date/],
    ['Patient', '_has', 'x', 'malformed-chain', /_has:Type/],
    ['Patient', '_has:Observation', 'x', 'malformed-chain', /_has:Type/],
    ['Patient', '_has:Observation:patient', 'x', 'malformed-chain', /_has:Type/],
    ['Patient', '_has:Nothing:patient:code', 'x', 'malformed-chain', /_has:Type/],
    ['Patient', '_has:Observation:nothing:code', 'x', 'unknown-parameter', /Observation has no/],
    ['Patient', '_has:Observation:code:code', 'x', 'malformed-chain', /no reference/],
    ['Patient', '_has:Observation:encounter:code', 'x', 'malformed-chain', /does not refer to Patient/],
    ['Patient', '_has:Observation:patient:nothing', 'x', 'unknown-parameter', /Observation has no/],
    ['Patient', 'identifier:of-type', 'a|b', 'malformed-value', /system\|code\|value/],
    ['Patient', 'gender:of-type', 'a|b|c', 'unknown-modifier', /not-in$/],
    ['Patient', '_id:text', 'x', 'unknown-modifier', /missing, not$/],
    ['Patient', 'family:text', 'x', 'unknown-modifier', /contains$/],
    ['Patient', 'birthdate:not', '1980', 'unknown-modifier', /missing$/],
    ['Patient', 'organization:not', '1', 'unknown-modifier', /types it refers to/],
    ['Patient', '_include:iterated', 'Patient:organization', 'unknown-modifier', /iterate/],
    ['Patient', '_include:recurse', 'Patient:organization', 'unknown-modifier', /iterate/],
    ['Patient', '_sort:desc', 'name', 'unknown-modifier', /no modifier/],
    ['Patient', '_count:x', '1', 'unknown-modifier', /no modifier/],
    ['Patient', '_text:exact', 'x', 'unknown-modifier', /no modifier/],
    ['Patient', '_text', '-- ,', 'malformed-value', /words/],
    ['Patient', '_content', 'x OR *', 'malformed-value', /words/],
    ['Patient', '_list', 'a b', 'malformed-value', /List/],
    ['Patient', '_list', '$current-allergies', 'not-supported', /computed/],
    ['Patient', '_query', 'x', 'not-supported', /_query/],
    ['Patient', '_contained', 'both', 'not-supported', /_contained/],
    ['Patient', '_type', 'Observation', 'malformed-value', /several types/],
    ['Patient', '_sort', '', 'malformed-value', /_sort/],
    ['Observation', '_sort', 'code-value-quantity', 'malformed-value', /composite/],
    ['Observation', 'value-quantity', '1e999', 'malformed-value', /quantity/],
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
    ['Patient', '_include', 'Patient:organization:Group', 'malformed-value', /does not refer to Group/],
    ['Patient', '_include', 'Patient:organization:Organization:x', 'malformed-value', /resource type/],
    ['Patient', '_include', '', 'malformed-value', /resource type/],
    ['Patient', '_revinclude', 'Observation:encounter', 'malformed-value', /does not refer to Patient/],
    ['Patient', '_revinclude', 'Nothing:x', 'malformed-value', /resource type/],
    ['Patient', '_revinclude', 'Observation:subject:Group', 'malformed-value', /Patient/],
    ['Patient', '_filter', 'nam eq x', 'unknown-parameter', /nearest is name/],
    ['Patient', '_filter', 'name', 'malformed-filter', /operator/],
    ['Patient', '_filter', 'name eq', 'malformed-filter', /value/],
    ['Patient', '_filter', 'name eq x y', 'malformed-filter', /character 11/],
    ['Patient', '_filter', 'name eq x and', 'malformed-filter', /name of a search parameter/],
    ['Patient', '_filter', '(name eq x', 'malformed-filter', /closing/],
    ['Patient', '_filter', 'name eq x)', 'malformed-filter', /and, or/],
    ['Patient', '_filter', 'name eq "x', 'malformed-filter', /value/],
    ['Patient', '_filter', 'name eq "\\x"', 'malformed-filter', /JSON/],
    ['Patient', '_filter', 'organization[name eq x] eq y', 'malformed-filter', /after \]/],
    ['Patient', '_filter', 'name[given eq x].given eq y', 'malformed-chain', /string parameter/],
    ['Patient', '_filter', 'organization[nam eq x].name eq y', 'unknown-parameter', /nearest is name/],
    ['Patient', '_filter', 'name gt x', 'unknown-operator', /eq, ne, co, sw, ew, pr/],
    ['Patient', '_filter', 'name constructor x', 'unknown-operator', /eq, ne, co/],
    ['Patient', '_filter', 'gender co x', 'unknown-operator', /ss, sb, in, ni/],
    ['Patient', '_filter', 'birthdate co 1980', 'unknown-operator', /po/],
    ['Patient', '_filter', 'birthdate eq yesterday', 'malformed-value', /date/],
    ['Patient', '_filter', 'gender pr maybe', 'malformed-value', /true or false/],
    ['Patient', '_filter', 'not name eq x', 'malformed-filter', /and, or/],
    ['Patient', '_filter:x', 'name eq x', 'unknown-modifier', /no modifier/],
    ['Observation', 'subject:Patient._filter', 'name eq x', 'malformed-chain', /start/],
    ['Patient', '_filter', '('.repeat(60), 'too-deep', /50/],
    ['Patient', '_filter', Array(80).fill('name eq x or name eq y').join(' and '), 'too-deep', /50/],
    ['Organization', `${'partof.'.repeat(60)}name`, 'x', 'too-deep', /50/],
    ['Organization', `${'_has:Organization:partof:'.repeat(60)}name`, 'x', 'too-deep', /50/],
    ['Provenance', 'target.focus.subject.name', 'x', 'too-costly', /1000/],
    ['Patient', '_id', 'x,'.repeat(10_001), 'too-costly', /10000/],
    ['Patient', '_filter', Array(300).fill('name eq x').join(' and '), 'too-costly', /250/],
    ['Patient', 'birthdate', '1980,'.repeat(4_000), 'too-costly', /counts several times/],
    ['Observation', 'code-value-quantity', 'x$5,'.repeat(1_001), 'too-costly', /10000/],
    ['Patient', '_text', 'x '.repeat(200), 'too-costly', /100/],
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
    if (value.length > 3 && !name.startsWith('_') && code === 'malformed-value')
      expect(issue[0]?.details?.text).not.toContain(value); // may be PHI
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

test.each<[ResourceType, string]>([
  ['Patient', 'identifier'],
  ['Task', 'group-identifier'],
  ['Specimen', 'container-id'],
])('%s %s takes :of-type', (type, code) => {
  const [filter] = parsePairs(type, [[`${code}:of-type`, 's|c|v']]).filters;
  expect(filter).toMatchObject({
    parameter: { code: `${code}:of-type` },
    values: [{ system: 's', code: 'c|v' }],
  });
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
  expect(parsePairs('Patient', [['_count', '3']]).count).toBe(3);
});

test.each([
  ['patient', '7', { types: ['Patient'], id: '7' }],
  ['subject', '7', { types: ['Group', 'Device', 'Patient', 'Location'], id: '7' }],
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
  ['2024-01-31T24:00:00Z', '2024-02-01T00:00:00.000Z', '2024-02-01T00:00:01.000Z'],
  ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z', '2017-01-01T00:00:01.000Z'],
  ['2024-01-01T00:00:00.1239Z', '2024-01-01T00:00:00.123Z', '2024-01-01T00:00:00.124Z'],
  ['2000-02-29', '2000-02-29T00:00:00.000Z', '2000-03-01T00:00:00.000Z'],
  ['0099-12', '0099-12-01T00:00:00.000Z', '0100-01-01T00:00:00.000Z'],
])('%s is from %s to %s', (text, low, high) => {
  expect(iso(text)).toEqual([low, high]);
});

test.each([
  ...[
    '',
    '0000',
    '0000-01-01',
    '202',
    '20245',
    '2024-',
    '2024-1',
    '2024-00',
    '2024-13',
    '2024-01-00',
    '2023-02-29',
    '1900-02-29',
  ],
  ...[
    '2024-01-01T',
    '2024-01-01T10',
    '2024-01-01T10:',
    '2024-01-01T10:6',
    '2024-01-01T25:00',
    '2024-01-01T10:60',
  ],
  ...[
    '2024-01-01T24:30:00Z',
    '2024-01-01T24:00:00.5Z',
    '2024-01-01T10:00:61',
    '2024-01-01T10:00:00.',
    '2024-01-01 10:00',
  ],
  ...[
    '2024-01-01T10:00z',
    '2024-01-01T10:00ZZ',
    '2024-01-01T10:00+5',
    '2024-01-01T10:00+15:00',
    '2024-01-01T10:00+01:60',
  ],
  ...['2024-01-01T10:00:00+0100', '-2024', '２０２４', '2024/01/01', '2024-01-01T1O:00'],
])('%p is no date', (text) => {
  expect(stretchOf(text)).toBeUndefined();
});

test('about a date is a tenth of the gap between now and it, on either side', () => {
  const now = Date.UTC(2024, 0, 11);
  const asked = (text: string, options = {}): unknown =>
    (parsePairs('Patient', [['birthdate', text]], options).filters[0] as Filter).values[0];
  expect(asked('ap2024-01-01T00:00:00Z', { now })).toMatchObject({
    low: Date.UTC(2024, 0, 1) - 86_399_900,
    high: Date.UTC(2024, 0, 1) + 1000 + 86_399_900,
  });
  expect(asked('ap2024-01-21', { now })).toMatchObject({
    low: Date.UTC(2024, 0, 20),
    high: Date.UTC(2024, 0, 23),
  });
  expect(asked('ap2024-01', { now })).toMatchObject({
    low: Date.UTC(2024, 0, 1),
    high: Date.UTC(2024, 1, 1),
  });
  expect(asked('ap2024-01-21')).toMatchObject({ low: Date.UTC(2024, 0, 21), high: Date.UTC(2024, 0, 22) });
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

test.each([
  ['5.4', 5.35, 5.45],
  ['-5.4', -5.45, -5.35],
  ['0.3', 0.25, 0.35],
  ['+5.4e0', 5.35, 5.45],
  ['1.0', 0.95, 1.05],
])('the bounds of %s are the very numbers %d and %d', (text, low, high) => {
  expect(impliedRange(text)).toMatchObject({ low, high });
});

test.each(['5.4000000000000000000000', `0.${'3'.repeat(200)}`, '9'.repeat(120), '0', '-7.0'])(
  '%s is in its own range',
  (text) => {
    const { value = NaN, low = NaN, high = NaN } = impliedRange(text) ?? {};
    expect(low <= value && value < high).toBe(true);
  },
);

test('what is escaped is not split, and comes out as it went in', () => {
  const escape = (text: string): string => text.replace(/[,|$\\]/g, '\\$&');
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (parts) => {
      expect(splitAt(parts.map(escape).join(','), ',').map(unescaped)).toEqual(parts);
    }),
  );
});

test('a chain without a type leaves out the types that a _has after it does not refer to', () => {
  const targets = (name: string): unknown =>
    parsePairs('Observation', [[name, 'finished']]).filters.map((criterion) =>
      criterion.op === 'chain' ? criterion.targets.map(({ type }) => type) : [],
    );
  expect(targets('subject._has:Encounter:patient:status')).toEqual([['Patient']]);
  expect(targets('subject._has:Encounter:subject:status')).toEqual([['Group', 'Patient']]);
  expect(() => targets('subject._has:Claim:provider:status')).toThrow(FhirError);
});
