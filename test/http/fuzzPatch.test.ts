import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Patient } from '@medplum/fhirtypes';
import { put, sent, testServer, type TestServer } from './server.ts';

const runs = process.env['CLAIMWRIGHT_TEST_LONG'] ? 20_000 : 600;
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

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});

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
const patch = fc.oneof(
  fc.array(jsonOperation, { maxLength: 4 }).map((body) => ['application/json-patch+json', body] as const),
  fc
    .array(operation, { maxLength: 3 })
    .map((parameter) => ['application/fhir+json', { resourceType: 'Parameters', parameter }] as const),
);

test('whatever a patch says, what is stored stays sound and keeps its type and id, and a refusal changes nothing', async () => {
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(patch, async ([type, body]) => {
      await put(server.http, patient);
      const before = await sent(server.http.get('/fhir/Patient/p1'));
      const reply = await sent(
        server.http.patch('/fhir/Patient/p1').set('Content-Type', type).send(JSON.stringify(body)),
      );
      seen.add(reply.status);
      expect([200, 400, 422]).toContain(reply.status);
      const after = await sent(server.http.get('/fhir/Patient/p1'));
      if (reply.status === 200) {
        expect(server.context.validate(after.body)).toEqual([]);
        expect(after.body).toMatchObject({ resourceType: 'Patient', id: 'p1' });
        expect(after.text).toBe(reply.text);
      } else {
        expect(after.text).toBe(before.text);
        expect(reply.body).toMatchObject({ resourceType: 'OperationOutcome' });
      }
    }),
    { numRuns: runs },
  );
  expect([...seen].sort()).toEqual([200, 400, 422]);
});
