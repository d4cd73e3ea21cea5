import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Patient } from '@medplum/fhirtypes';
import {
  everything,
  fhirJson,
  post,
  put,
  said,
  sent,
  testServer,
  type Reply,
  type TestServer,
} from './server.ts';

const patient = (over: object = {}): Patient & { id: string } => ({
  resourceType: 'Patient',
  id: 'p1',
  birthDate: '1980-12-31',
  ...over,
});
const body = (resource: unknown): string => JSON.stringify(resource);
const nested = (levels: number): string =>
  `{"resourceType":"Patient","extension":${'[{"extension":'.repeat(levels / 2)}[]${'}]'.repeat(levels / 2)}}`;
const transaction = (...entry: NonNullable<Bundle['entry']>): Bundle => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry,
});

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
  await server.load(patient(), patient({ birthDate: '1980-12-30' }), {
    resourceType: 'Encounter',
    id: 'e1',
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject: { reference: 'Patient/p1' },
  });
});

type Send = (http: TestServer['http']) => Promise<Reply>;
type Row = readonly [name: string, status: number, code: string, expression: string | undefined, send: Send];
const get =
  (path: string, headers: Record<string, string> = {}): Send =>
  (http) =>
    sent(http.get(`/fhir/${path}`).set(headers));
const putText =
  (path: string, text: string, headers: Record<string, string> = {}): Send =>
  (http) =>
    sent(
      http
        .put(`/fhir/${path}`)
        .set({ 'Content-Type': fhirJson, ...headers })
        .send(text),
    );

const rows: readonly Row[] = [
  [
    'JSON that ends too early',
    400,
    'invalid-json',
    undefined,
    putText('Patient/p1', '{"resourceType":"Patient"'),
  ],
  ['no body', 400, 'invalid-json', undefined, putText('Patient/p1', '')],
  ['JSON of 60 MB', 413, 'too-large', undefined, (http) => post(http, '/Patient', `"${'x'.repeat(60e6)}"`)],
  ['10,000 levels', 400, 'too-deep', undefined, putText('Patient/p1', nested(10_000))],
  ['a list', 400, 'not-a-resource', undefined, (http) => post(http, '/Patient', '[]')],
  [
    'another type',
    400,
    'wrong-resource-type',
    'Patient',
    (http) => post(http, '/Patient', { resourceType: 'Basic' }),
  ],
  ['another id', 400, 'wrong-id', 'Patient.id', putText('Patient/p1', body(patient({ id: 'p2' })))],
  ['no id', 400, 'missing-id', 'Patient.id', putText('Patient/p1', body({ resourceType: 'Patient' }))],
  [
    'an unknown element',
    422,
    'unknown-element',
    'Patient.colour',
    putText('Patient/p1', body(patient({ colour: 1 }))),
  ],
  [
    'a date in another order',
    422,
    'wrong-format',
    'Patient.birthDate',
    putText('Patient/p1', body(patient({ birthDate: '31/12/1980' }))),
  ],
  ['an unknown parameter', 400, 'unknown-parameter', undefined, get('Patient?brithdate=1980')],
  ['an unknown type', 404, 'unknown-type', undefined, get('Patiend/p1')],
  ['an unknown resource', 404, 'not-found', undefined, get('Patient/nobody')],
  ['a malformed id', 400, 'malformed-id', undefined, get('Patient/p_1')],
  ['a malformed escape', 400, 'malformed-url', undefined, get('Patient?name=%zz')],
  ['an escape that is not UTF-8', 400, 'malformed-url', undefined, get('Patient?name=%ff')],
  ['a bad cursor', 400, 'malformed-cursor', undefined, get('Patient?_cursor=abc')],
  ['XML asked for', 406, 'not-acceptable', undefined, get('Patient/p1', { Accept: 'application/fhir+xml' })],
  ['XML asked for in the URL', 406, 'not-acceptable', undefined, get('Patient/p1?_format=xml')],
  [
    'XML sent',
    415,
    'unsupported-media-type',
    undefined,
    putText('Patient/p1', '<Patient/>', { 'Content-Type': 'application/fhir+xml' }),
  ],
  [
    'Latin 1',
    415,
    'unsupported-charset',
    undefined,
    putText('Patient/p1', body(patient()), { 'Content-Type': `${fhirJson}; charset=iso-8859-1` }),
  ],
  [
    'an old version in If-Match',
    412,
    'version-conflict',
    undefined,
    putText('Patient/p1', body(patient({ active: true })), { 'If-Match': 'W/"1"' }),
  ],
  [
    'an If-Match that is no ETag',
    400,
    'malformed-header',
    undefined,
    putText('Patient/p1', body(patient({ active: true })), { 'If-Match': 'two' }),
  ],
  [
    'a PATCH of no language',
    415,
    'unsupported-media-type',
    undefined,
    (http) => sent(http.patch('/fhir/Patient/p1')),
  ],
  [
    'an unknown operation',
    404,
    'unknown-operation',
    undefined,
    (http) => post(http, '/Patient/p1/$bill', ''),
  ],
  [
    'deletion of a Patient that others refer to',
    409,
    'still-referred',
    undefined,
    (http) => sent(http.delete('/fhir/Patient/p1')),
  ],
  [
    'a transaction of which the last entry is bad',
    422,
    'wrong-format',
    'Bundle.entry[2].resource.birthDate',
    (http) =>
      post(
        http,
        '/',
        transaction(
          {
            resource: { resourceType: 'Basic', code: { text: 'a' } },
            request: { method: 'POST', url: 'Basic' },
          },
          { resource: patient({ active: true }), request: { method: 'PUT', url: 'Patient/p1' } },
          {
            resource: patient({ id: 'p9', birthDate: '1.1.80' }),
            request: { method: 'PUT', url: 'Patient/p9' },
          },
        ),
      ),
  ],
  [
    'a transaction with a reference to nothing',
    422,
    'unresolved-reference',
    'Bundle.entry[0].resource.subject.reference',
    (http) =>
      post(
        http,
        '/',
        transaction({
          resource: {
            resourceType: 'Basic',
            code: { text: 'a' },
            subject: { reference: 'urn:uuid:6f1bd3a6-42a6-4f26-a6c1-0f0c2b3a4d5e' },
          },
          request: { method: 'POST', url: 'Basic' },
        }),
      ),
  ],
  [
    'a transaction that deletes a Patient that others refer to',
    409,
    'still-referred',
    'Bundle.entry[0]',
    (http) => post(http, '/', transaction({ request: { method: 'DELETE', url: 'Patient/p1' } })),
  ],
  [
    'a Bundle of another type',
    400,
    'wrong-bundle-type',
    'Bundle.type',
    (http) => post(http, '/', { resourceType: 'Bundle', type: 'collection' }),
  ],
  [
    'an If-None-Exist that selects nothing',
    400,
    'malformed-condition',
    undefined,
    (http) => post(http, '/Patient', { resourceType: 'Patient' }, { 'If-None-Exist': '_count=1' }),
  ],
  [
    'an Idempotency-Key of nothing',
    400,
    'malformed-header',
    undefined,
    (http) => post(http, '/Patient', { resourceType: 'Patient' }, { 'Idempotency-Key': 'x'.repeat(300) }),
  ],
];

describe('what is bad is refused, and nothing is written', () => {
  test.each(rows)('%s: %s %s', async (_name, status, code, expression, send) => {
    const before = await everything(server.context);
    const response = await send(server.http);
    expect({ status: response.status, said: said(response)[0] }).toEqual({
      status,
      said: { code, expression },
    });
    expect(response.headers['content-type']).toMatch(/json/);
    expect(await everything(server.context)).toEqual(before);
  });

  test('an unknown search parameter names the nearest one', async () => {
    const { body: outcome } = await get('Patient?brithdate=1980')(server.http);
    expect(JSON.stringify(outcome)).toContain('birthdate');
  });

  test('a delete that is refused names who refers, and how many', async () => {
    const { body: outcome } = await sent(server.http.delete('/fhir/Patient/p1'));
    expect(JSON.stringify(outcome)).toContain('Patient/p1 is referred to by 1: Encounter/e1');
  });

  test('a 405 says what is allowed', async () => {
    const { headers } = await sent(server.http.options('/fhir/Patient/p1'));
    expect(headers['allow']).toBe('GET, HEAD, PUT, PATCH, DELETE');
  });

  test('no name of a patient is in a refusal', async () => {
    const named = patient({ name: [{ family: 'Okonkwo', given: 7 }] });
    const { body: outcome } = await put(server.http, named);
    expect(JSON.stringify(outcome)).not.toContain('Okonkwo');
  });
});
