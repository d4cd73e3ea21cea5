import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Observation, Patient } from '@medplum/fhirtypes';
import { fhirJson, said, sent, testServer, type Reply, type TestServer } from './server.ts';
import type { Store } from '../../src/store/store.ts';
import { eachStore } from './eachStore.ts';

const jsonPatch = 'application/json-patch+json';
const patient: Patient & { id: string } = {
  resourceType: 'Patient',
  id: 'p1',
  identifier: [{ system: 'urn:x', value: '1' }],
  name: [{ family: 'A', given: ['B', 'C'] }],
  birthDate: '1980-12-31',
};

describe.each(eachStore('patch'))('on %s', (_store, emptyStore) => {
  let server: TestServer;
  let store: Store;
  beforeEach(async () => {
    store = await emptyStore();
    server = await testServer({}, { store });
    await server.load(patient);
  });
  afterEach(() => store.close());

  const patch = (
    url: string,
    body: unknown,
    type = jsonPatch,
    headers: Record<string, string> = {},
  ): Promise<Reply> =>
    sent(
      server.http
        .patch(`/fhir/${url}`)
        .set({ 'Content-Type': type, ...headers })
        .send(typeof body === 'string' ? body : JSON.stringify(body)),
    );
  const operation = (type: string, path: string, value?: object): object => ({
    name: 'operation',
    part: [
      { name: 'type', valueCode: type },
      { name: 'path', valueString: path },
      ...(value ? [{ name: 'value', ...value }] : []),
    ],
  });
  const parameters = (...parameter: object[]): object => ({ resourceType: 'Parameters', parameter });

  describe('PATCH', () => {
    test('in JSON Patch writes the next version and answers it', async () => {
      const { status, headers, body } = await patch('Patient/p1', [
        { op: 'test', path: '/birthDate', value: '1980-12-31' },
        { op: 'replace', path: '/name/0/family', value: 'Z' },
        { op: 'remove', path: '/name/0/given' },
        { op: 'add', path: '/active', value: true },
      ]);
      expect([status, headers['etag'], headers['location']]).toEqual([
        200,
        'W/"2"',
        'http://127.0.0.1:8080/fhir/Patient/p1/_history/2',
      ]);
      expect(body).toMatchObject({ name: [{ family: 'Z' }], active: true, meta: { versionId: '2' } });
      expect((await sent(server.http.get('/fhir/Patient/p1'))).body).toEqual(body);
    });

    test.each([fhirJson, 'application/json', `${fhirJson}; charset=utf-8`])(
      'in FHIRPath Patch as %s does too',
      async (type) => {
        const change = operation('replace', 'Patient.birthDate', { valueDate: '1981-01-01' });
        const { status, body } = await patch('Patient/p1', parameters(change), type);
        expect([status, (body as Patient).birthDate]).toEqual([200, '1981-01-01']);
      },
    );

    test('that changes nothing writes no version', async () => {
      expect((await patch('Patient/p1', [])).headers['etag']).toBe('W/"1"');
      expect((await patch('Patient/p1', parameters(), fhirJson)).headers['etag']).toBe('W/"1"');
    });

    test('leaves out what is left without content', async () => {
      const { status, body } = await patch('Patient/p1', [
        { op: 'remove', path: '/name/0/family' },
        { op: 'remove', path: '/name/0/given/0' },
        { op: 'remove', path: '/name/0/given/0' },
      ]);
      expect([status, (body as Patient).name]).toEqual([200, undefined]);
    });

    test('keeps the precision of decimals', async () => {
      const observation = {
        resourceType: 'Observation',
        id: 'o1',
        status: 'final',
        code: { text: 'x' },
        valueQuantity: { value: 1.5 },
      } satisfies Observation;
      await sent(
        server.http
          .put('/fhir/Observation/o1')
          .set('Content-Type', fhirJson)
          .send(JSON.stringify(observation).replace('1.5', '1.50')),
      );
      const added = await patch(
        'Observation/o1',
        '[{"op":"add","path":"/component","value":[{"code":{"text":"y"},"valueQuantity":{"value":2.00}}]}]',
      );
      expect(added.text).toContain('"valueQuantity":{"value":1.50}');
      expect(added.text).toContain('"valueQuantity":{"value":2.00}');
      const value = '{"name":"value","valueDecimal":3.10}';
      const change = `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Observation.value.value"},${value}]}]}`;
      expect((await patch('Observation/o1', change, fhirJson)).text).toContain(
        '"valueQuantity":{"value":3.10}',
      );
    });

    test('by criteria is done to the one match', async () => {
      const active = [{ op: 'add', path: '/active', value: true }];
      const { status, body } = await patch('Patient?identifier=urn:x|1', active);
      expect([status, (body as Patient).id, (body as Patient).active]).toEqual([200, 'p1', true]);
      expect((await patch('Patient?identifier=urn:x|9', active)).status).toBe(404);
      await server.load({ ...patient, id: 'p2' });
      expect((await patch('Patient?identifier=urn:x|1', active)).status).toBe(412);
      expect((await patch('Patient', active)).status).toBe(400);
    });

    test('answers as much as is preferred', async () => {
      const reply = await patch('Patient/p1', [{ op: 'add', path: '/active', value: true }], jsonPatch, {
        Prefer: 'return=minimal',
      });
      expect([reply.status, reply.text, reply.headers['etag']]).toEqual([200, '', 'W/"2"']);
    });

    test('resolves a conditional reference that it puts in', async () => {
      await server.load({ resourceType: 'Basic', id: 'b1', code: { text: 'x' } });
      const subject = { reference: 'Patient?identifier=urn:x|1' };
      const { body } = await patch('Basic/b1', [{ op: 'add', path: '/subject', value: subject }]);
      expect(body).toMatchObject({ subject: { reference: 'Patient/p1' } });
    });

    const replace = (path: string, value: unknown): object[] => [{ op: 'replace', path, value }];
    test.each<
      [name: string, status: number, code: string, expression: string | undefined, send: () => Promise<Reply>]
    >([
      ['of no type', 415, 'unsupported-media-type', undefined, () => patch('Patient/p1', [], 'text/plain')],
      [
        'in XML',
        415,
        'unsupported-media-type',
        undefined,
        () => patch('Patient/p1', '<diff/>', 'application/xml-patch+xml'),
      ],
      ['that is no JSON', 400, 'invalid-json', undefined, () => patch('Patient/p1', '[')],
      ['that is no list', 400, 'malformed-patch', undefined, () => patch('Patient/p1', {})],
      [
        'as a resource of another type',
        400,
        'malformed-patch',
        'Parameters',
        () => patch('Patient/p1', patient, fhirJson),
      ],
      [
        'that changes the id',
        422,
        'identity-changed',
        'Patient.id',
        () => patch('Patient/p1', replace('/id', 'p2')),
      ],
      [
        'that removes the id',
        422,
        'identity-changed',
        'Patient.id',
        () => patch('Patient/p1', [{ op: 'remove', path: '/id' }]),
      ],
      [
        'that changes the type',
        422,
        'identity-changed',
        'Patient.id',
        () => patch('Patient/p1', replace('/resourceType', 'Basic')),
      ],
      [
        'whose result is no object',
        422,
        'identity-changed',
        'Patient.id',
        () => patch('Patient/p1', replace('', [1])),
      ],
      [
        'whose result is unsound',
        422,
        'wrong-format',
        'Patient.birthDate',
        () => patch('Patient/p1', replace('/birthDate', 'soon')),
      ],
      [
        'whose result R4 does not know',
        422,
        'unknown-element',
        'Patient.colour',
        () => patch('Patient/p1', [{ op: 'add', path: '/colour', value: 1 }]),
      ],
      [
        'whose test fails',
        422,
        'patch-failed',
        undefined,
        () => patch('Patient/p1', [{ op: 'test', path: '/id', value: 'p2' }]),
      ],
      [
        'whose operation finds nothing',
        422,
        'patch-failed',
        'Parameters.parameter[0]',
        () =>
          patch(
            'Patient/p1',
            parameters(operation('replace', 'Patient.gender', { valueCode: 'male' })),
            fhirJson,
          ),
      ],
      ['of nobody', 404, 'not-found', undefined, () => patch('Patient/nobody', [])],
      ['with a parameter', 400, 'unknown-parameter', undefined, () => patch('Patient/p1?x=1', [])],
      [
        'with an old version',
        412,
        'version-conflict',
        undefined,
        () => patch('Patient/p1', [], jsonPatch, { 'If-Match': 'W/"9"' }),
      ],
    ])('%s is refused', async (_name, status, code, expression, send) => {
      const reply = await send();
      expect({ status: reply.status, said: said(reply)[0] }).toEqual({ status, said: { code, expression } });
      expect((await sent(server.http.get('/fhir/Patient/p1'))).headers['etag']).toBe('W/"1"');
    });

    test('of the deleted is 410', async () => {
      await server.http.delete('/fhir/Patient/p1');
      expect((await patch('Patient/p1', [])).status).toBe(410);
    });

    test('of many at the same time loses none', async () => {
      const add = (i: number): Promise<Reply> =>
        patch('Patient/p1', [
          { op: 'add', path: '/identifier/-', value: { system: 'urn:y', value: String(i) } },
        ]);
      await Promise.all(Array.from({ length: 20 }, (_, i) => add(i)));
      const { body } = await sent(server.http.get('/fhir/Patient/p1'));
      expect((body as Patient).identifier).toHaveLength(21);
    });
  });
});
