import { describe, expect, test } from '@jest/globals';
import type { Condition, Patient, Resource, SearchParameter } from '@medplum/fhirtypes';
import { extract } from '../../src/search/extract.ts';
import { parsePairs } from '../../src/search/parse.ts';
import { Registry } from '../../src/search/registry.ts';
import { toParameters } from '../../src/search/toParameters.ts';

const defined = (parts: Partial<SearchParameter>): SearchParameter => ({
  resourceType: 'SearchParameter',
  url: 'http://acme.org/SearchParameter/x',
  name: 'X',
  status: 'active',
  description: 'x',
  code: 'x',
  base: ['Patient'],
  type: 'token',
  expression: 'Patient.x',
  ...parts,
});

/** What a registry with one more parameter indexes of a resource for it. */
function indexed(parts: Partial<SearchParameter>, resource: Resource): unknown[] {
  const registry = new Registry();
  const { parameters, faults } = toParameters(defined(parts));
  expect(faults).toEqual([]);
  for (const parameter of parameters) expect(registry.define(parameter)).toBe(true);
  return extract(resource, { registry })
    .filter(({ parameter }) => parameter.code === parts.code)
    .map(({ parameter: _, ...values }) => values);
}

const withRace: Patient = {
  resourceType: 'Patient',
  extension: [
    { url: 'http://other', extension: [{ url: 'y', valueCoding: { code: 'no' } }] },
    {
      url: 'http://race',
      extension: [
        { url: 'ombCategory', valueCoding: { system: 's', code: 'r1' } },
        { url: 'text', valueString: 'R 1' },
      ],
    },
  ],
};
const asserted: Condition = {
  resourceType: 'Condition',
  subject: {},
  extension: [{ url: 'http://asserted', valueDateTime: '2024-02' }],
};

describe('what implementation guides define on extensions is indexed', () => {
  test('codes of an extension inside an extension', () => {
    const expression = "Patient.extension.where(url = 'http://race').extension.value.code";
    expect(indexed({ code: 'race', expression }, withRace)).toEqual([{ kind: 'token', code: 'r1' }]);
  });

  test.each(['.valueDateTime', '.value', '.value.as(dateTime)', '.value.ofType(dateTime)'])('%s', (value) => {
    const expression = `Condition.extension.where(url='http://asserted')${value}`;
    const entries = indexed({ code: 'asserted', base: ['Condition'], type: 'date', expression }, asserted);
    expect(entries).toEqual([{ kind: 'date', low: Date.UTC(2024, 1, 1), high: Date.UTC(2024, 2, 1) }]);
  });

  test('an expression that names no type is of every base', () => {
    const { parameters } = toParameters(
      defined({ base: ['Patient', 'Condition'], expression: "(extension('http://asserted').value)" }),
    );
    expect(parameters.map(({ type, expression }) => [type, expression])).toEqual([
      ['Patient', "(Patient.extension('http://asserted').value)"],
      ['Condition', "(Condition.extension('http://asserted').value)"],
    ]);
  });

  test('one of all types is defined for each', () => {
    const { parameters } = toParameters(
      defined({ base: ['Resource' as 'Patient'], expression: 'Resource.language', code: 'language-of' }),
    );
    expect(parameters.length).toBe(146);
  });
});

test.each([
  [
    'as it is',
    'Condition',
    'onset-date',
    'date',
    'Condition.onset.as(dateTime) | Condition.onset.as(Period)',
  ],
  [
    'without spaces',
    'Condition',
    'onset-date',
    'date',
    'Condition.onset.as(dateTime)|Condition.onset.as(Period)',
  ],
  [
    'by the names of the choices',
    'Condition',
    'onset-date',
    'date',
    'Condition.onsetDateTime | Condition.onsetPeriod',
  ],
  ['a part of it', 'Condition', 'onset-date', 'date', 'Condition.onset.as(dateTime)'],
  ['in the other way of writing', 'Goal', 'target-date', 'date', '(Goal.target.due as date)'],
  ['of every resource', 'Patient', '_id', 'token', 'Patient.id'],
] as const)('what R4 has already, %s, adds nothing', (_, base, code, type, expression) => {
  expect(toParameters(defined({ base: [base], code, type, expression }))).toEqual({
    parameters: [],
    faults: [],
  });
});

test('a composite is put together from parameters of R4 and others', () => {
  const part = defined({ url: 'http://acme.org/SearchParameter/unit', code: 'unit', base: ['Observation'] });
  const { parameters, faults } = toParameters(
    defined({
      code: 'status-code',
      base: ['Observation'],
      type: 'composite',
      expression: 'Observation',
      component: [
        { definition: 'http://hl7.org/fhir/SearchParameter/clinical-code', expression: 'code' },
        { definition: 'http://acme.org/SearchParameter/unit', expression: 'value.as(Quantity).unit' },
      ],
    }),
    (url) => (url === part.url ? part : undefined),
  );
  expect(faults).toEqual([]);
  const registry = new Registry();
  for (const parameter of parameters) registry.define(parameter);
  const { filters } = parsePairs('Observation', [['status-code', 'a|b$mg']], { registry });
  expect(filters).toMatchObject([
    {
      op: 'composite',
      parameter: { components: [{ code: 'code', from: [{ code: 'code' }] }, { code: 'unit' }] },
      values: [[{ system: 'a', code: 'b' }, { code: 'mg' }]],
    },
  ]);
});

const faults: [string, Partial<SearchParameter>, string, RegExp][] = [
  ['a special one', { type: 'special' }, 'type', /special/],
  ['a code with a sign', { code: 'a.b' }, 'code', /letters/],
  ['a code of ours', { code: '_mine' }, 'code', /already/],
  ['no expression', { expression: '' }, 'expression', /without an expression/],
  ['a function that search does not use', { expression: 'Patient.name.first()' }, 'expression', /outside/],
  ['an expression of another type', { expression: 'Group.name' }, 'expression', /nothing of Patient/],
  [
    'parentheses without end',
    { expression: `${'('.repeat(60)}Patient.x${')'.repeat(60)}` },
    'expression',
    /deep/,
  ],
  ['an expression without end', { expression: `Patient.${'x'.repeat(5000)}` }, 'expression', /characters/],
  ['a type of no resource', { base: ['Nothing' as 'Patient'] }, 'base', /no resource type/],
  [
    'a code of R4 that says otherwise',
    { code: 'name', type: 'string', expression: 'Patient.x' },
    'code',
    /already/,
  ],
  [
    'a code of R4 of another type',
    { code: 'gender', type: 'string', expression: 'Patient.gender' },
    'code',
    /already/,
  ],
  [
    'what R4 has and is not served',
    { base: ['Location'], code: 'near', expression: 'Location.x' },
    'code',
    /already/,
  ],
  ['a composite of nothing', { type: 'composite', expression: 'Patient' }, 'component', /two components/],
];
test.each(faults)('%s is not served', (_, parts, element, text) => {
  const { parameters, faults: found } = toParameters(defined(parts));
  expect(parameters).toEqual([]);
  expect(found[0]?.expression).toEqual([`SearchParameter.${element}`]);
  expect(found[0]?.details?.text).toMatch(text);
});

test('a retired one is served no more', () => {
  expect(toParameters(defined({ status: 'retired' }))).toEqual({ parameters: [], faults: [] });
});

test('what is taken away is unknown again, and one of R4 is as it was', () => {
  const registry = new Registry();
  const [own] = toParameters(defined({})).parameters;
  if (!own) throw new Error('not defined');
  const before = registry.revision;
  expect(registry.define(own)).toBe(true);
  expect(registry.define({ ...own })).toBe(false);
  expect(registry.revision).toBe(before + 1);
  expect(registry.indexedOf('Patient').map(({ code }) => code)).toContain('x');
  const name = registry.parametersOf('Patient').get('name');
  registry.remove('Patient', 'x');
  expect(registry.parametersOf('Patient').has('x')).toBe(false);
  expect(registry.parametersOf('Patient').get('name')).toBe(name);
});
