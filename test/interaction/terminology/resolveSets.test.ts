import { beforeAll, describe, expect, test } from '@jest/globals';
import type { CodeSystem, Resource, ValueSetCompose, ValueSetExpansion } from '@medplum/fhirtypes';
import type { Context } from '../../../src/interaction/context.ts';
import { resolveSets } from '../../../src/interaction/terminology/resolveSets.ts';
import { FhirError } from '../../../src/outcome/fhirError.ts';
import { codeOfIssue } from '../../../src/outcome/issue.ts';
import type { Criterion, Filter, FilterValue, Modifier } from '../../../src/search/query.ts';
import { testContext } from '../../context.ts';

let context: Context;
const put = (resource: Resource & { id: string }) =>
  context.store.transaction((tx) => tx.put(structuredClone(resource)));

const animals: CodeSystem & { id: string } = {
  resourceType: 'CodeSystem',
  id: 'animals',
  url: 'urn:animals',
  status: 'active',
  content: 'complete',
  property: [{ code: 'legs', type: 'integer' }],
  concept: [
    {
      code: 'animal',
      concept: [
        { code: 'cat', display: 'Cat', property: [{ code: 'legs', valueInteger: 4 }] },
        {
          code: 'bird',
          display: 'Bird',
          property: [{ code: 'legs', valueInteger: 2 }],
          concept: [{ code: 'owl' }],
        },
      ],
    },
    {
      code: 'kiwi',
      property: [
        { code: 'parent', valueCode: 'bird' },
        { code: 'inactive', valueBoolean: true },
      ],
    },
    { code: 'stone' },
  ],
};
const place = { ...animals, id: 'places', url: 'urn:places', hierarchyMeaning: 'part-of' } as const;
const partial = { ...animals, id: 'partial', url: 'urn:partial', content: 'fragment' } as const;

const valueSet = (id: string, compose?: ValueSetCompose, expansion?: ValueSetExpansion) =>
  put({
    resourceType: 'ValueSet',
    id,
    url: `urn:vs:${id}`,
    version: '1',
    status: 'active',
    ...(compose ? { compose } : {}),
    ...(expansion ? { expansion } : {}),
  });
const system = 'urn:animals';
const filter = (op: string, value: string, property = 'concept') =>
  ({ include: [{ system, filter: [{ property, op, value }] }] }) as ValueSetCompose;

const code = { type: 'Condition', code: 'code', kind: 'token', expression: 'Condition.code' } as const;
const asked = (modifier: Modifier, ...values: FilterValue[]): Filter => ({
  op: 'filter',
  parameter: code,
  modifier,
  values,
});
async function resolve(criterion: Criterion): Promise<Criterion | undefined> {
  const query = { sort: [], count: 50, total: 'none', include: [], revinclude: [] } as const;
  const { filters } = await resolveSets(context, context.store, {
    ...query,
    type: 'Condition',
    filters: [criterion],
  });
  return filters[0];
}
const codesIn = async (text: string): Promise<string[]> =>
  ((await resolve(asked('in', { text }))) as Filter).values.map((v) => v.code ?? '').sort();
const refusal = (criterion: Criterion): Promise<unknown[]> =>
  resolve(criterion).then(
    () => ['no refusal'],
    (error: unknown) =>
      error instanceof FhirError ? [error.status, error.issue[0] && codeOfIssue(error.issue[0])] : [error],
  );

beforeAll(async () => {
  context = await testContext();
  for (const resource of [animals, place, partial]) await put(resource);
  await valueSet('listed', { include: [{ system, concept: [{ code: 'cat' }, { code: 'owl' }] }] });
  await valueSet('whole', { include: [{ system }] });
  await valueSet('active', { include: [{ system }], inactive: false });
  await valueSet('birds', filter('is-a', 'bird'));
  await valueSet('below-birds', filter('descendent-of', 'bird'));
  await valueSet('no-birds', filter('is-not-a', 'bird'));
  await valueSet('over-owls', filter('generalizes', 'owl'));
  await valueSet('four', filter('=', '4', 'legs'));
  await valueSet('some', filter('in', '2,4', 'legs'));
  await valueSet('others', filter('not-in', '2,4', 'legs'));
  await valueSet('legged', filter('exists', 'true', 'legs'));
  await valueSet('short', filter('regex', 'c.t|o[wv]l', 'code'));
  for (const [i, pattern] of ['(a+)+b', '(a|a)*b', '((a+)b)*c', '(?:a)', 'a*a*a*a*a*b'].entries())
    await valueSet(`runaway${i}`, filter('regex', pattern, 'code'));
  await valueSet('colour', filter('=', 'red', 'colour'));
  await valueSet('nobody', filter('is-a', 'unicorn'));
  await valueSet('nested', {
    include: [{ valueSet: ['urn:vs:listed|1'] }, { system, concept: [{ code: 'stone' }] }],
  });
  await valueSet('both', { include: [{ valueSet: ['urn:vs:listed', 'urn:vs:birds'] }] });
  await valueSet('less', { include: [{ system }], exclude: [{ valueSet: ['urn:vs:birds'] }] });
  await valueSet('circle', { include: [{ valueSet: ['urn:vs:circle'] }] });
  await valueSet('foreign', { include: [{ system: 'urn:nobody' }] });
  await valueSet('fragment', { include: [{ system: 'urn:partial' }] });
  await valueSet('places', {
    include: [{ system: 'urn:places', filter: filter('is-a', 'bird').include[0]?.filter ?? [] }],
  });
  const timestamp = '2026-01-01';
  const contains = [{ system: 'urn:x', code: 'a', contains: [{ system: 'urn:x', code: 'b' }] }];
  await valueSet('expanded', undefined, { timestamp, total: 2, contains });
  await valueSet('page', undefined, { timestamp, total: 3, contains });
  await valueSet('foreign-expanded', { include: [{ system: 'urn:nobody' }] }, { timestamp, contains });
  await valueSet('empty');
  await valueSet('diagnoses', { include: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm' }] });
});

describe('codes of a value set', () => {
  test.each([
    ['listed', 'cat owl'],
    ['whole', 'animal bird cat kiwi owl stone'],
    ['active', 'animal bird cat owl stone'],
    ['birds', 'bird kiwi owl'],
    ['below-birds', 'kiwi owl'],
    ['no-birds', 'animal cat stone'],
    ['over-owls', 'animal bird owl'],
    ['four', 'cat'],
    ['some', 'bird cat'],
    ['others', 'animal kiwi owl stone'],
    ['legged', 'bird cat'],
    ['short', 'cat owl'],
    ['nested', 'cat owl stone'],
    ['both', 'owl'],
    ['less', 'animal cat stone'],
    ['expanded', 'a b'],
    ['foreign-expanded', 'a b'],
  ])('%s: %s', async (id, expected) => {
    expect(await codesIn(`urn:vs:${id}`)).toEqual(expected.split(' '));
    expect(await codesIn(`ValueSet/${id}`)).toEqual(expected.split(' '));
  });

  test('a version counts; the newest where none is named', async () => {
    await put({
      resourceType: 'ValueSet',
      id: 'v10',
      url: 'urn:vs:v',
      version: '1.10',
      status: 'active',
      compose: { include: [{ system, concept: [{ code: 'cat' }] }] },
    });
    await put({
      resourceType: 'ValueSet',
      id: 'v9',
      url: 'urn:vs:v',
      version: '1.9',
      status: 'active',
      compose: { include: [{ system, concept: [{ code: 'owl' }] }] },
    });
    expect(await codesIn('urn:vs:v')).toEqual(['cat']);
    expect(await codesIn('urn:vs:v|1.9')).toEqual(['owl']);
  });

  test('a change counts at once', async () => {
    await valueSet('changing', { include: [{ system, concept: [{ code: 'cat' }] }] });
    expect(await codesIn('urn:vs:changing')).toEqual(['cat']);
    await valueSet('changing', { include: [{ system, concept: [{ code: 'owl' }] }] });
    expect(await codesIn('urn:vs:changing')).toEqual(['owl']);
  });

  test.each([
    ['nothing', 'unknown-value-set'],
    ['listed|2', 'unknown-value-set'],
    ['circle', 'cannot-expand'],
    ['foreign', 'cannot-expand'],
    ['fragment', 'cannot-expand'],
    ['places', 'cannot-expand'],
    ['colour', 'cannot-expand'],
    ['nobody', 'cannot-expand'],
    ['runaway0', 'cannot-expand'],
    ['runaway1', 'cannot-expand'],
    ['runaway2', 'cannot-expand'],
    ['runaway3', 'cannot-expand'],
    ['runaway4', 'cannot-expand'],
    ['page', 'cannot-expand'],
    ['empty', 'cannot-expand'],
    ['diagnoses', 'too-costly'],
  ])('%s is refused: %s', async (id, expected) => {
    expect(await refusal(asked('in', { text: `urn:vs:${id}` }))).toEqual([400, expected]);
  });
});

describe('codes above and below', () => {
  const token = (text: string) => {
    const [of = '', name = ''] = text.split('|');
    return { text, system: of, code: name };
  };
  test.each([
    ['below', 'urn:animals|bird', 'bird kiwi owl'],
    ['above', 'urn:animals|owl', 'animal bird owl'],
    ['below', 'http://hl7.org/fhir/sid/icd-10-cm|M17.1', 'M17.1 M17.10 M17.11 M17.12'],
    ['above', 'http://hl7.org/fhir/sid/icd-10-cm|M17.11', 'M17 M17.1 M17.11'],
  ] as const)('%s %s', async (way, text, expected) => {
    const found = (await resolve(asked(way, token(text)))) as Filter;
    expect(found.values.map((v) => v.code ?? '').sort()).toEqual(expected.split(' '));
  });

  test.each([
    ['urn:places|bird', 'cannot-expand'],
    ['urn:animals|unicorn', 'cannot-expand'],
    ['urn:nobody|x', 'cannot-expand'],
    ['https://www.nubc.org/CodeSystem/RevenueCodes|0001', 'cannot-expand'],
    ['|bird', 'malformed-value'],
  ])('of %s are refused', async (text, expected) => {
    expect(await refusal(asked('below', token(text)))).toEqual([400, expected]);
  });
});

describe('places below and above places', () => {
  const location = {
    type: 'Encounter',
    code: 'location',
    kind: 'reference',
    expression: 'Encounter.location.location',
  } as const;
  const at = (modifier: Modifier, id: string): Filter => ({
    op: 'filter',
    parameter: location,
    modifier,
    values: [{ text: `Location/${id}`, target: { types: ['Location'], id } }],
  });
  beforeAll(async () => {
    const partOf = { reference: 'Location/house' };
    await put({ resourceType: 'Location', id: 'house' });
    await put({ resourceType: 'Location', id: 'ward', partOf });
    await put({ resourceType: 'Location', id: 'bed', partOf: { reference: 'Location/ward' } });
    await put({ resourceType: 'Location', id: 'yard', partOf });
  });

  test.each([
    ['below', 'house', ['house', 'ward', 'yard', 'bed']],
    ['below', 'ward', ['ward', 'bed']],
    ['above', 'bed', ['bed', 'ward', 'house']],
    ['above', 'nowhere', ['nowhere']],
  ] as const)('%s %s', async (way, id, expected) => {
    const found = (await resolve(at(way, id))) as Filter;
    expect(found).toMatchObject({ op: 'filter' });
    expect(found.modifier).toBeUndefined();
    expect(found.values.map(({ text }) => text)).toEqual(expected.map((e) => `Location/${e}`));
  });

  test('are refused for what has no parts of its own kind', async () => {
    const patient = { text: 'Patient/a', target: { types: ['Patient'], id: 'a' } } as const;
    expect(await refusal({ ...at('below', 'x'), values: [patient] })).toEqual([400, 'malformed-value']);
  });
});

test('they are found wherever they stand in a query', async () => {
  const inner = asked('not-in', { text: 'urn:vs:four' });
  const plain = {
    op: 'filter',
    parameter: code,
    modifier: 'not',
    values: [{ text: 'urn:animals|cat', system, code: 'cat' }],
  };
  const chain = { op: 'chain', parameter: code, targets: [{ type: 'Condition', filters: [inner] }] } as const;
  const all = [
    { op: 'not', criterion: inner },
    { op: 'or', criteria: [inner] },
    { op: 'has', source: 'Condition', parameter: code, filters: [inner] },
    chain,
  ] as const;
  expect(await resolve({ op: 'and', criteria: all })).toEqual({
    op: 'and',
    criteria: [
      { op: 'not', criterion: plain },
      { op: 'or', criteria: [plain] },
      { op: 'has', source: 'Condition', parameter: code, filters: [plain] },
      { ...chain, targets: [{ type: 'Condition', filters: [plain] }] },
    ],
  });
});
