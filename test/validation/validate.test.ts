import { expect, test } from '@jest/globals';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import { validateResource } from '../../src/validation/validate.ts';

const said = (resource: unknown): string[] =>
  validateResource(resource).map((i) => `${codeOfIssue(i) ?? '?'} ${i.expression?.join() ?? ''}`);

const reason = { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' };
const patient = { resourceType: 'Patient', name: [{ family: 'Test', given: ['A'] }] };
const bundle = (resource: unknown): unknown => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: [{ resource }],
});

test.each<[string, unknown]>([
  [
    'a primitive with an extension',
    { ...patient, birthDate: '1980-01-01', _birthDate: { extension: [reason] } },
  ],
  [
    'a primitive of which only extensions are known',
    { ...patient, _birthDate: { id: 'b', extension: [reason] } },
  ],
  [
    'a required primitive of which only extensions are known',
    { resourceType: 'Encounter', _status: { extension: [reason] }, class: { code: 'AMB' } },
  ],
  [
    'a list of primitives and their extensions side by side',
    { resourceType: 'Patient', name: [{ given: ['A', null], _given: [null, { extension: [reason] }] }] },
  ],
  [
    'a list of primitives without values',
    { resourceType: 'Patient', name: [{ _given: [{ extension: [reason] }] }] },
  ],
  ['contained resources', { ...patient, contained: [{ resourceType: 'Organization', id: 'o', name: 'O' }] }],
  ['a bundle of bundles', bundle(bundle(patient))],
  [
    'parameters of values, parts and resources',
    {
      resourceType: 'Parameters',
      parameter: [
        { name: 'a', valueBoolean: false },
        { name: 'b', part: [{ name: 'c', valueDecimal: 0 }] },
        { name: 'd', resource: patient },
      ],
    },
  ],
  [
    'an extension of an extension',
    { ...patient, extension: [{ url: 'urn:a', extension: [{ url: 'b', valueCode: 'c' }] }] },
  ],
  [
    'a foreign total of 410.20000000000005',
    { resourceType: 'Invoice', status: 'draft', totalNet: { value: 410.20000000000005 } },
  ],
])('%s is accepted', (_name, resource) => {
  expect(validateResource(resource)).toEqual([]);
});

test.each<[string, unknown, readonly string[]]>([
  ['nothing', undefined, ['wrong-type Resource']],
  ['null', null, ['wrong-type Resource']],
  ['a list', [patient], ['wrong-type Resource']],
  ['an object without type', { id: 'a' }, ['missing-element Resource.resourceType']],
  ['an unknown type', { resourceType: 'Patientt' }, ['unknown-resource-type Resource.resourceType']],
  ['an abstract type', { resourceType: 'DomainResource' }, ['unknown-resource-type Resource.resourceType']],
  ['a data type', { resourceType: 'Money' }, ['unknown-resource-type Resource.resourceType']],
  ['a backbone element', { resourceType: 'Claim.item' }, ['unknown-resource-type Resource.resourceType']],
  [
    'a name every object has',
    { resourceType: 'constructor' },
    ['unknown-resource-type Resource.resourceType'],
  ],
  [
    'a date written as in Europe',
    { ...patient, birthDate: '31/12/1980' },
    ['wrong-format Patient.birthDate'],
  ],
  ['an unknown element', { ...patient, shoeSize: 1 }, ['unknown-element Patient.shoeSize']],
  [
    'an unknown element that is no name',
    { ...patient, 'shoe size`': 1 },
    ['unknown-element Patient.`shoe size?`'],
  ],
  ['a name every object has', { ...patient, toString: 'a' }, ['unknown-element Patient.toString']],
  [
    'a prototype',
    JSON.parse('{"resourceType":"Patient","__proto__":{"a":1}}'),
    ['unknown-element Patient.__proto__'],
  ],
  [
    'extensions of what is no primitive',
    { ...patient, _name: [{ id: 'a' }] },
    ['unknown-element Patient._name'],
  ],
  ['a null', { ...patient, gender: null }, ['wrong-type Patient.gender']],
  ['an empty list', { ...patient, telecom: [] }, ['empty-element Patient.telecom']],
  ['an empty object', { ...patient, maritalStatus: {} }, ['empty-element Patient.maritalStatus']],
  ['an empty text', { ...patient, name: [{ text: '' }] }, ['empty-element Patient.name[0].text']],
  ['a null in a list of objects', { ...patient, name: [null] }, ['wrong-type Patient.name[0]']],
  [
    'a null without extension',
    { ...patient, name: [{ given: ['A', null] }] },
    ['wrong-cardinality Patient.name[0].given'],
  ],
  [
    'extensions of another length',
    { ...patient, name: [{ given: ['A'], _given: [null, { id: 'a' }] }] },
    ['wrong-cardinality Patient.name[0].given'],
  ],
  [
    'two types of one choice',
    { ...patient, deceasedBoolean: true, deceasedDateTime: '2020' },
    ['two-choices Patient.deceased'],
  ],
  [
    'a value and the extensions of another type',
    { ...patient, deceasedBoolean: true, _deceasedDateTime: { id: 'a' } },
    ['two-choices Patient.deceased'],
  ],
  [
    'a wrong type of a choice',
    { ...patient, deceasedDateTime: 'then' },
    ['wrong-format Patient.deceased.ofType(dateTime)'],
  ],
  [
    'a type that the choice does not have',
    { ...patient, deceasedString: 'a' },
    ['unknown-element Patient.deceasedString'],
  ],
  [
    'an extension of a primitive that is unsound',
    { ...patient, _birthDate: { extension: [{}] } },
    ['empty-element Patient.birthDate.extension[0]', 'missing-element Patient.birthDate.extension[0].url'],
  ],
  [
    'an extension of another element than id and extension',
    { ...patient, _birthDate: { value: 'a' } },
    ['unknown-element Patient.birthDate.value'],
  ],
  ['an id that cannot be one', { ...patient, id: 'a/b' }, ['wrong-format Patient.id']],
  [
    'a narrative that is no div',
    { ...patient, text: { status: 'generated', div: 'hello' } },
    ['wrong-format Patient.text.div'],
  ],
  [
    'an unsound contained resource',
    { ...patient, contained: [{ resourceType: 'Group' }] },
    ['missing-element Patient.contained[0].type', 'missing-element Patient.contained[0].actual'],
  ],
  [
    'a contained thing of no type',
    { ...patient, contained: [{ id: 'a' }] },
    ['missing-element Patient.contained[0].resourceType'],
  ],
  [
    'an unsound resource in a bundle',
    bundle({ ...patient, birthDate: 1980 }),
    ['wrong-type Bundle.entry[0].resource.birthDate'],
  ],
  [
    'an unsound resource in parameters',
    {
      resourceType: 'Parameters',
      parameter: [{ name: 'a', part: [{ name: 'b', resource: { ...patient, active: 'yes' } }] }],
    },
    ['wrong-type Parameters.parameter[0].part[0].resource.active'],
  ],
  [
    'a choice that is required',
    { resourceType: 'MedicationRequest', status: 'active', intent: 'order', subject: { display: 'a' } },
    ['missing-element MedicationRequest.medication'],
  ],
  [
    'several faults, all at once',
    {
      resourceType: 'Claim',
      status: 'open',
      use: 'claim',
      type: { text: 'a' },
      item: [{ sequence: 0, quantity: { value: '1' } }],
    },
    [
      'unknown-code Claim.status',
      'wrong-format Claim.item[0].sequence',
      'wrong-type Claim.item[0].quantity.value',
      'missing-element Claim.item[0].productOrService',
      'missing-element Claim.patient',
      'missing-element Claim.created',
      'missing-element Claim.provider',
      'missing-element Claim.priority',
      'missing-element Claim.insurance',
    ],
  ],
])('%s is refused', (_name, resource, expected) => {
  expect(said(resource)).toEqual(expected);
});

test('a text says what was expected and never what was there', () => {
  const [issue] = validateResource({ ...patient, birthDate: 'Jane Roe, 31/12/1980', gender: 'Jane Roe' });
  expect(issue?.details?.text).toBe('must be a date that exists, as YYYY, YYYY-MM or YYYY-MM-DD');
  const all = JSON.stringify(
    validateResource({ ...patient, birthDate: 'Jane Roe', gender: 'Jane Roe', name: 'Jane Roe' }),
  );
  expect(all).toContain('male | female | other | unknown');
  expect(all).not.toContain('Jane');
});

test('one hundred faults are told, and that there are more', () => {
  const issues = validateResource({
    resourceType: 'Patient',
    name: Array.from({ length: 100_000 }, () => 'a'),
  });
  expect(issues).toHaveLength(101);
  expect(issues[99]?.expression).toEqual(['Patient.name[99]']);
  expect(codeOfIssue(issues[100] ?? { severity: 'error', code: 'invalid' })).toBe('too-many-faults');
});

type Nest = (inner: unknown) => unknown;
test.each<[string, unknown, Nest, Nest]>([
  [
    'extensions',
    { url: 'urn:a', valueCode: 'a' },
    (x) => ({ url: 'urn:a', extension: [x] }),
    (x) => ({ ...patient, extension: [x] }),
  ],
  [
    'parts',
    { name: 'a', valueCode: 'a' },
    (x) => ({ name: 'a', part: [x] }),
    (x) => ({ resourceType: 'Parameters', parameter: [x] }),
  ],
  ['bundles', patient, bundle, (x) => x],
])('%s nested 10,000 deep are refused, and a few are not', (_name, seed, nest, wrap) => {
  const nested = (levels: number): unknown => {
    let made: unknown = seed;
    for (let i = 0; i < levels; i += 1) made = nest(made);
    return wrap(made);
  };
  expect(validateResource(nested(20))).toEqual([]);
  const [issue, ...others] = validateResource(nested(10_000));
  expect(others).toEqual([]);
  expect(issue && codeOfIssue(issue)).toBe('too-deep');
  expect(validateResource(nested(20))).toEqual([]);
});
