import { describe, expect, test } from '@jest/globals';
import { parseExact } from '../../../src/datatypes/json.ts';
import type { Holder } from '../../../src/interaction/patch/elementNode.ts';
import { fhirpathPatch } from '../../../src/interaction/patch/fhirpathPatch.ts';
import { FhirError } from '../../../src/outcome/fhirError.ts';

type Parts = Readonly<Record<string, unknown>>;

/** An operation as Parameters write it: value is a part of its own, or the list of its parts. */
const operation = ({ type, path, name, value, ...numbers }: Parts): object => ({
  name: 'operation',
  part: [
    { name: 'type', valueCode: type },
    { name: 'path', valueString: path },
    ...(name === undefined ? [] : [{ name: 'name', valueString: name }]),
    ...(value === undefined
      ? []
      : [{ name: 'value', ...(Array.isArray(value) ? { part: value } : (value as object)) }]),
    ...Object.entries(numbers).map(([part, number]) => ({ name: part, valueInteger: number })),
  ],
});
const parameters = (...operations: Parts[]): object => ({
  resourceType: 'Parameters',
  parameter: operations.map(operation),
});
const patchText = (before: string, patch: object): string => {
  const resource = parseExact(before) as Holder;
  fhirpathPatch(resource, parseExact(JSON.stringify(patch)));
  return JSON.stringify(resource);
};
const patched = (before: object, ...operations: Parts[]): unknown =>
  JSON.parse(patchText(JSON.stringify(before), parameters(...operations)));
const refused = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return [error.status, error.issue[0]?.details?.coding?.[0]?.code, error.issue[0]?.expression?.[0]];
  }
};

const patient = (content: object = {}): object => ({ resourceType: 'Patient', ...content });
const [one, two, three, four] = [1, 2, 3, 4].map((n) => ({ system: 'urn:x', value: `v${n}` }));
const names = [
  { use: 'usual', given: ['Jim'] },
  { use: 'official', family: 'Chalmers', given: ['Peter', 'James'], _given: [null, { id: 'second' }] },
];

describe('a FHIRPath Patch', () => {
  test.each<[name: string, before: object, operation: Parts, after: object]>([
    [
      'adds a primitive',
      {},
      { type: 'add', path: 'Patient', name: 'birthDate', value: { valueDate: '1930-01-01' } },
      { birthDate: '1930-01-01' },
    ],
    [
      'adds to a list',
      { identifier: [one] },
      { type: 'add', path: 'Patient', name: 'identifier', value: { valueIdentifier: two } },
      { identifier: [one, two] },
    ],
    [
      'begins a list',
      {},
      { type: 'add', path: 'Patient', name: 'identifier', value: { valueIdentifier: one } },
      { identifier: [one] },
    ],
    [
      'adds to an element',
      { contact: [{ name: { text: 'a' } }] },
      { type: 'add', path: 'Patient.contact[0]', name: 'gender', value: { valueCode: 'male' } },
      { contact: [{ name: { text: 'a' }, gender: 'male' }] },
    ],
    [
      'adds a choice',
      {},
      { type: 'add', path: 'Patient', name: 'deceased', value: { valueBoolean: true } },
      { deceasedBoolean: true },
    ],
    [
      'adds a choice by its name in full',
      {},
      { type: 'add', path: 'Patient', name: 'deceasedBoolean', value: { valueBoolean: true } },
      { deceasedBoolean: true },
    ],
    [
      'adds an anonymous type',
      {},
      {
        type: 'add',
        path: 'Patient',
        name: 'contact',
        value: [
          { name: 'name', valueHumanName: { text: 'a' } },
          { name: 'telecom', valueContactPoint: { value: '1' } },
          { name: 'telecom', valueContactPoint: { value: '2' } },
        ],
      },
      { contact: [{ name: { text: 'a' }, telecom: [{ value: '1' }, { value: '2' }] }] },
    ],
    [
      'adds an extension to a primitive',
      { birthDate: '1974' },
      {
        type: 'add',
        path: 'Patient.birthDate',
        name: 'extension',
        value: { valueExtension: { url: 'urn:e', valueString: 'x' } },
      },
      { birthDate: '1974', _birthDate: { extension: [{ url: 'urn:e', valueString: 'x' }] } },
    ],
    [
      'adds a given name',
      { name: [names[0]] },
      {
        type: 'add',
        path: "Patient.name.where(use = 'usual')",
        name: 'given',
        value: { valueString: 'Jimmy' },
      },
      { name: [{ use: 'usual', given: ['Jim', 'Jimmy'] }] },
    ],
    [
      'inserts at the start',
      { identifier: [one] },
      { type: 'insert', path: 'Patient.identifier', index: 0, value: { valueIdentifier: two } },
      { identifier: [two, one] },
    ],
    [
      'inserts at the end',
      { identifier: [one] },
      { type: 'insert', path: 'Patient.identifier', index: 1, value: { valueIdentifier: two } },
      { identifier: [one, two] },
    ],
    [
      'inserts into an empty list',
      {},
      { type: 'insert', path: 'Patient.identifier', index: 0, value: { valueIdentifier: one } },
      { identifier: [one] },
    ],
    [
      'keeps what stands beside primitives in its place',
      { name: names },
      { type: 'insert', path: 'Patient.name[1].given', index: 0, value: { valueString: 'Sir' } },
      {
        name: [
          names[0],
          { ...names[1], given: ['Sir', 'Peter', 'James'], _given: [null, null, { id: 'second' }] },
        ],
      },
    ],
    [
      'deletes a primitive with what stands beside it',
      { birthDate: '1974', _birthDate: { id: 'a' } },
      { type: 'delete', path: 'Patient.birthDate' },
      {},
    ],
    [
      'deletes an element of a list',
      { identifier: [one, two, three] },
      { type: 'delete', path: 'Patient.identifier[1]' },
      { identifier: [one, three] },
    ],
    [
      'deletes the last element',
      { identifier: [one] },
      { type: 'delete', path: 'Patient.identifier[0]' },
      {},
    ],
    [
      'deletes one of primitives',
      { name: names },
      { type: 'delete', path: 'Patient.name[1].given[0]' },
      { name: [names[0], { ...names[1], given: ['James'], _given: [{ id: 'second' }] }] },
    ],
    [
      'deletes nothing where nothing is',
      { active: true },
      { type: 'delete', path: 'Patient.birthDate' },
      { active: true },
    ],
    ['deletes a choice', { deceasedBoolean: true }, { type: 'delete', path: 'Patient.deceased' }, {}],
    [
      'replaces a primitive',
      { birthDate: '1920' },
      { type: 'replace', path: 'Patient.birthDate', value: { valueDate: '1930' } },
      { birthDate: '1930' },
    ],
    [
      'replaces a complex element',
      { maritalStatus: { text: 'a' } },
      { type: 'replace', path: 'Patient.maritalStatus', value: { valueCodeableConcept: { text: 'b' } } },
      { maritalStatus: { text: 'b' } },
    ],
    [
      'replaces by another type of the choice',
      { deceasedBoolean: true },
      { type: 'replace', path: 'Patient.deceased', value: { valueDateTime: '2020' } },
      { deceasedDateTime: '2020' },
    ],
    [
      'replaces inside what where() finds',
      { name: names },
      {
        type: 'replace',
        path: "Patient.name.where(use = 'official').family",
        value: { valueString: 'Smith' },
      },
      { name: [names[0], { ...names[1], family: 'Smith' }] },
    ],
    [
      'replaces what an extension says',
      {
        extension: [
          { url: 'urn:a', valueString: 'x' },
          { url: 'urn:b', valueString: 'y' },
        ],
      },
      { type: 'replace', path: "Patient.extension('urn:b').value", value: { valueString: 'z' } },
      {
        extension: [
          { url: 'urn:a', valueString: 'x' },
          { url: 'urn:b', valueString: 'z' },
        ],
      },
    ],
    [
      'moves forward',
      { identifier: [one, two, three, four] },
      { type: 'move', path: 'Patient.identifier', source: 0, destination: 3 },
      { identifier: [two, three, four, one] },
    ],
    [
      'moves back',
      { identifier: [one, two, three, four] },
      { type: 'move', path: 'Patient.identifier', source: 3, destination: 1 },
      { identifier: [one, four, two, three] },
    ],
    ['takes a path without the type', { birthDate: '1920' }, { type: 'delete', path: 'birthDate' }, {}],
    [
      'takes first() and last()',
      { identifier: [one, two] },
      { type: 'delete', path: 'Patient.identifier.last()' },
      { identifier: [one] },
    ],
    [
      'takes ofType()',
      { deceasedBoolean: true },
      { type: 'delete', path: 'Patient.deceased.ofType(boolean)' },
      {},
    ],
  ])('%s', (_name, before, change, after) => {
    expect(patched(patient(before), change)).toEqual(patient(after));
  });

  test('does its operations one after another', () => {
    const move = (source: number, destination: number): Parts => ({
      type: 'move',
      path: 'Patient.identifier',
      source,
      destination,
    });
    expect(
      patched(patient({ identifier: [one, two, three, four] }), move(3, 0), move(3, 1), move(3, 2)),
    ).toEqual(patient({ identifier: [four, three, two, one] }));
  });

  test('keeps every decimal as it is written', () => {
    const before =
      '{"resourceType":"Observation","valueQuantity":{"value":1.00},"component":[{"valueQuantity":{"value":2.50}}]}';
    const change = { type: 'delete', path: 'Observation.value.where(value = 1)' };
    expect(patchText(before, parameters(change))).toBe(
      '{"resourceType":"Observation","component":[{"valueQuantity":{"value":2.50}}]}',
    );
  });

  const at = 'Parameters.parameter[0]';
  const text = { valueString: 'x' };
  test.each<[name: string, operation: Parts, status: number]>([
    ['of another type', { type: 'merge', path: 'Patient' }, 400],
    ['without path', { type: 'delete' }, 400],
    ['whose path computes', { type: 'delete', path: 'Patient.name | Patient.telecom' }, 400],
    [
      'whose path calls what may run for long',
      { type: 'delete', path: "Patient.name.where(text.matches('(a+)+$'))" },
      400,
    ],
    [
      'whose criteria name variables',
      { type: 'delete', path: 'Patient.name.where(%resource.name.count() > 1)' },
      400,
    ],
    ['whose path looks elsewhere', { type: 'delete', path: 'Patient.managingOrganization.resolve()' }, 400],
    ['whose parenthesis stays open', { type: 'delete', path: "Patient.name.where(use = 'a'" }, 400],
    ['whose criteria are none', { type: 'delete', path: 'Patient.name.where(use = = 1)' }, 400],
    ['without value', { type: 'replace', path: 'Patient.birthDate' }, 400],
    ['without index', { type: 'insert', path: 'Patient.identifier', value: text }, 400],
    ['with a negative index', { type: 'insert', path: 'Patient.identifier', index: -1, value: text }, 400],
    ['without name', { type: 'add', path: 'Patient', value: text }, 400],
    [
      'with two values',
      { type: 'replace', path: 'Patient.birthDate', value: { valueDate: '1930', valueString: 'x' } },
      400,
    ],
    ['with a part nobody knows', { type: 'delete', path: 'Patient.birthDate', colour: 1 }, 400],
    ['that replaces nothing', { type: 'replace', path: 'Patient.maritalStatus', value: text }, 422],
    ['that replaces several', { type: 'replace', path: 'Patient.name', value: { valueHumanName: {} } }, 422],
    ['that deletes several', { type: 'delete', path: 'Patient.name' }, 422],
    ['that deletes the whole', { type: 'delete', path: 'Patient' }, 422],
    [
      'that adds what is there',
      { type: 'add', path: 'Patient', name: 'birthDate', value: { valueDate: '1930' } },
      422,
    ],
    [
      'that adds a second choice',
      { type: 'add', path: 'Patient', name: 'deceased', value: { valueDateTime: '2020' } },
      422,
    ],
    ['that adds what R4 has not', { type: 'add', path: 'Patient', name: 'colour', value: text }, 422],
    [
      'that adds to nothing',
      { type: 'add', path: 'Patient.contact[0]', name: 'gender', value: { valueCode: 'male' } },
      422,
    ],
    [
      'behind the end',
      { type: 'insert', path: 'Patient.name', index: 3, value: { valueHumanName: {} } },
      422,
    ],
    ['that moves from nowhere', { type: 'move', path: 'Patient.name', source: 2, destination: 0 }, 422],
    ['that moves to nowhere', { type: 'move', path: 'Patient.name', source: 0, destination: 2 }, 422],
    [
      'into what is no list',
      { type: 'insert', path: 'Patient.birthDate', index: 0, value: { valueDate: '1930' } },
      422,
    ],
  ])('%s is refused', (_name, change, status) => {
    const before = patient({ birthDate: '1920', name: names, deceasedBoolean: false });
    expect(refused(() => patched(before, change))).toEqual([
      status,
      status === 400 ? 'malformed-patch' : 'patch-failed',
      at,
    ]);
  });

  test('says which operation is at fault', () => {
    const good = { type: 'delete', path: 'Patient.birthDate' };
    const bad = { type: 'replace', path: 'Patient.birthDate', value: { valueDate: '1930' } };
    expect(refused(() => patched(patient({ birthDate: '1920' }), good, bad))).toEqual([
      422,
      'patch-failed',
      'Parameters.parameter[1]',
    ]);
  });

  test.each([
    [[]],
    [{ resourceType: 'Patient' }],
    [{ resourceType: 'Parameters', parameter: {} }],
    [{ resourceType: 'Parameters', parameter: [null] }],
    [{ resourceType: 'Parameters', parameter: [{ name: 'x' }] }],
  ])('%j is no patch', (body) => {
    expect(refused(() => patchText('{"resourceType":"Patient"}', body))).toEqual([
      400,
      'malformed-patch',
      expect.any(String),
    ]);
  });
});
