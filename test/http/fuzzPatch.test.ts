import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Patient } from '@medplum/fhirtypes';
import { runsOn } from '../runs.ts';
import { eachStore } from './eachStore.ts';
import { listen, type Listening } from './listening.ts';

const patient: Patient & { id: string } = {
  resourceType: 'Patient',
  id: 'p1',
  identifier: [
    { system: 'urn:x', value: '1' },
    { system: 'urn:x', value: '2' },
  ],
  name: [
    { use: 'official', family: 'A', given: ['B', 'C'] },
    { use: 'usual', given: ['D'] },
  ],
  birthDate: '1980-12-31',
  deceasedBoolean: false,
  extension: [{ url: 'urn:e', valueDecimal: 1.5 }],
};

const step = fc.constantFrom(
  ...['name', '0', '1', '-', 'given', 'family', 'identifier', 'birthDate', 'deceasedBoolean', 'extension'],
  ...[
    'id',
    'meta',
    'resourceType',
    'text',
    'contained',
    '_birthDate',
    '__proto__',
    'constructor',
    '',
    '~0',
    '~1',
    '01',
    '9',
  ],
);
const pointer = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.array(step, { maxLength: 4 }).map((parts) => parts.map((p) => `/${p}`).join('')),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
);
const value = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    1.5,
    '',
    'x',
    '1980',
    [],
    {},
    [null],
    { use: 'official' },
    { system: 'urn:x' },
    ['E'],
  ),
  fc.jsonValue({ maxDepth: 2 }),
);
const jsonOperation = fc.record(
  {
    op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'merge'),
    path: pointer,
    from: pointer,
    value,
  },
  { requiredKeys: ['op', 'path'] },
);

const name = fc.constantFrom(
  'name',
  'given',
  'identifier',
  'birthDate',
  'deceased',
  'value',
  'extension',
  'contact',
  'link',
  'id',
  'colour',
);
const called = fc.constantFrom(
  ...[
    '[0]',
    '[1]',
    '[7]',
    ".where(use = 'official')",
    '.where(',
    '.first()',
    '.last()',
    '.single()',
    '.tail()',
  ],
  ...[
    '.skip(1)',
    '.take(0)',
    ".extension('urn:e')",
    '.ofType(boolean)',
    '.resolve()',
    '.where(1)',
    '.where(given.exists())',
    '[',
    ')',
    ' | name',
  ],
);
const path = fc
  .tuple(
    fc.constantFrom('Patient', 'Resource', 'name', 'Claim', ''),
    fc.array(
      fc.oneof(
        name.map((n) => `.${n}`),
        called,
      ),
      { maxLength: 4 },
    ),
  )
  .map(([first, rest]) => first + rest.join(''));
const part = fc.oneof(
  fc.constantFrom<object>(
    { valueString: 'x' },
    { valueCode: 'other' },
    { valueDate: '1990' },
    { valueBoolean: true },
  ),
  fc.constantFrom<object>(
    { valueHumanName: { family: 'Z' } },
    { valueIdentifier: { value: '9' } },
    { valueExtension: { url: 'urn:z', valueString: 'z' } },
  ),
  fc.constantFrom<object>(
    { part: [{ name: 'name', valueHumanName: { text: 'a' } }] },
    { part: [] },
    {},
    { resource: patient },
    { valueString: 1 },
    { value: 'x' },
  ),
);
const whole = fc.constantFrom<object>(
  { valueInteger: 0 },
  { valueInteger: 1 },
  { valueInteger: -1 },
  { valueString: '0' },
);
const operation = fc
  .record(
    {
      type: fc
        .constantFrom('add', 'insert', 'delete', 'replace', 'move', 'test')
        .map((valueCode) => ({ valueCode })),
      path: path.map((valueString) => ({ valueString })),
      name: name.map((valueString) => ({ valueString })),
      value: part,
      index: whole,
      source: whole,
      destination: whole,
    },
    { requiredKeys: ['type', 'path'] },
  )
  .map((parts) => ({
    name: 'operation',
    part: Object.entries(parts).map(([partName, content]) => ({ name: partName, ...content })),
  }));
const patch = fc.oneof<fc.Arbitrary<readonly [type: string, body: object]>[]>(
  fc.array(jsonOperation, { maxLength: 4 }).map((body) => ['application/json-patch+json', body] as const),
  fc
    .array(operation, { maxLength: 3 })
    .map((parameter) => ['application/fhir+json', { resourceType: 'Parameters', parameter }] as const),
);

/** One that is done, one that makes no sense, and one that does not fit the resource. */
const oneOfEach = [
  { op: 'remove', path: '/birthDate' },
  { op: 'merge', path: '' },
  { op: 'remove', path: '/x' },
].map((one): [readonly [string, object]] => [['application/json-patch+json', [one]]]);

describe.each(eachStore('fuzz_patch'))('on %s', (store, open) => {
  let server: Listening;
  beforeAll(async () => {
    server = await listen({ store: await open() });
  });
  afterAll(() => server.close());
  const at = '/fhir/Patient/p1';
  const read = async (): Promise<string> => (await server.send('GET', at)).text;

  test('whatever a patch says, what is stored stays sound and keeps its type and id, and a refusal changes nothing', async () => {
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(patch, async ([type, body]) => {
        await server.send('PUT', at, JSON.stringify(patient), { 'content-type': 'application/fhir+json' });
        const before = await read();
        const reply = await server.send('PATCH', at, JSON.stringify(body), { 'content-type': type });
        seen.add(reply.status);
        expect([200, 400, 422]).toContain(reply.status);
        const after = await read();
        if (reply.status === 200) {
          const stored = JSON.parse(after) as unknown;
          expect(server.context.validate(stored)).toEqual([]);
          expect(stored).toMatchObject({ resourceType: 'Patient', id: 'p1' });
          expect(after).toBe(reply.text);
        } else {
          expect(after).toBe(before);
          expect(JSON.parse(reply.text)).toMatchObject({ resourceType: 'OperationOutcome' });
        }
      }),
      { numRuns: runsOn(store, { usual: 600, long: 20_000 }), examples: oneOfEach },
    );
    expect([...seen].sort()).toEqual([200, 400, 422]);
  });
});
