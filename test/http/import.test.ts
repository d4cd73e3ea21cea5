import { request as requestOf } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { OperationOutcome, Parameters, Resource } from '@medplum/fhirtypes';
import { createApp } from '../../src/app.ts';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import { testContext } from '../context.ts';
import { everything, post, sent, testServer, type Reply, type TestServer } from './server.ts';
import { httpServer } from '../httpServer.ts';

const ndjson = 'application/fhir+ndjson';
const patient = (id: string, family: string) =>
  ({ resourceType: 'Patient', id, name: [{ family }] }) as const;
const lines = (...values: readonly (object | string)[]): string =>
  values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join('\n');

const send = (http: TestServer['http'], body: string | Buffer, headers: Record<string, string> = {}) =>
  sent(http.post('/fhir/$import').set('Content-Type', ndjson).set(headers).send(body));

interface Told {
  readonly imported: number | undefined;
  readonly refused: number | undefined;
  readonly issues: readonly (readonly [
    line: string | undefined,
    code: string | undefined,
    at: string | undefined,
  ])[];
}
function told({ body }: Reply): Told {
  const { parameter = [] } = body as Parameters;
  const of = (name: string) => parameter.find((p) => p.name === name);
  const outcome = of('outcome')?.resource as OperationOutcome;
  return {
    imported: of('imported')?.valueInteger,
    refused: of('refused')?.valueInteger,
    issues: outcome.issue.map((i) => [i.diagnostics, codeOfIssue(i), i.expression?.[0]]),
  };
}

describe('$import of NDJSON', () => {
  test('keeps the ids, gives one where there is none, and is searchable at once', async () => {
    const { http } = await testServer();
    const { id: _id, ...nameless } = patient('x', 'Third');
    const answer = await send(http, lines(patient('a', 'First'), '', patient('b', 'Second'), nameless));
    expect(answer.status).toBe(200);
    expect(told(answer)).toEqual({ imported: 3, refused: 0, issues: [[undefined, 'all-ok', undefined]] });
    expect((await sent(http.get('/fhir/Patient/a'))).body).toMatchObject({ name: [{ family: 'First' }] });
    expect((await sent(http.get('/fhir/Patient?family=Third'))).body).toHaveProperty('entry.length', 1);
  });

  test('tells of each bad line by its number and keeps nothing of it, and all the others', async () => {
    const { http } = await testServer();
    const text = lines(
      patient('a', 'First'),
      '{"resourceType":"Patient",',
      '[1]',
      { resourceType: 'Nothing' },
      { resourceType: 'Patient', id: 'no id' },
      { resourceType: 'Patient', id: 'b', birthDate: 'yesterday' },
      {
        resourceType: 'Observation',
        id: 'o',
        status: 'final',
        code: { text: 'Weight' },
        subject: { reference: 'Patient?family=None' },
      },
      {
        resourceType: 'Observation',
        id: 'p',
        status: 'final',
        code: { text: 'Weight' },
        subject: { reference: 'Patient?family=First' },
      },
      patient('c', 'Last'),
    );
    const answer = told(await send(http, text));
    expect(answer).toEqual({
      imported: 3,
      refused: 6,
      issues: [
        ['line 2', 'invalid-json', undefined],
        ['line 3', 'not-a-resource', undefined],
        ['line 4', 'unknown-type', undefined],
        ['line 5', 'malformed-id', 'Patient.id'],
        ['line 6', expect.any(String), 'Patient.birthDate'],
        ['line 7', 'unresolved-reference', 'Observation.subject.reference'],
      ],
    });
    expect((await sent(http.get('/fhir/Patient/b'))).status).toBe(404);
    expect((await sent(http.get('/fhir/Observation/o'))).status).toBe(404);
    expect((await sent(http.get('/fhir/Observation/p'))).body).toMatchObject({
      subject: { reference: 'Patient/a' },
    });
    expect((await sent(http.get('/fhir/Patient/c'))).status).toBe(200);
  });

  test('a SearchParameter that cannot be served is one bad line; one that can is served', async () => {
    const { http } = await testServer();
    const parameter = (code: string, expression: string) => ({
      resourceType: 'SearchParameter',
      id: code,
      url: `http://example.org/${code}`,
      name: code,
      status: 'active',
      description: code,
      code,
      base: ['Patient'],
      type: 'token',
      expression,
    });
    const text = lines(
      parameter('good', 'Patient.maritalStatus'),
      parameter('bad', 'Patient.(('),
      patient('a', 'F'),
    );
    const { imported, refused, issues } = told(await send(http, text));
    expect([imported, refused, issues[0]?.[0]]).toEqual([2, 1, 'line 2']);
    expect((await sent(http.get('/fhir/Patient?bad=x'))).status).toBe(400);
    const served = async (): Promise<number> => (await sent(http.get('/fhir/Patient?good=x'))).status;
    while ((await served()) !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await served()).toBe(200);
  });

  test('the same once more writes no version, a change writes the next', async () => {
    const { http } = await testServer();
    const version = async (id: string) =>
      ((await sent(http.get(`/fhir/Patient/${id}`))).body as Resource).meta?.versionId;
    await send(http, lines(patient('a', 'First'), patient('b', 'Second')));
    expect(told(await send(http, lines(patient('a', 'First'), patient('b', 'Changed')))).imported).toBe(2);
    expect([await version('a'), await version('b')]).toEqual(['1', '2']);
  });

  test('of more refused lines than it tells of, it says how many more', async () => {
    const { http } = await testServer();
    const { refused, issues } = told(await send(http, 'x\n'.repeat(1203)));
    expect(refused).toBe(1203);
    expect(issues).toHaveLength(1001);
    expect(issues.at(-1)?.[1]).toBe('more-refused');
  });

  test('unpacks a compressed body; one that is none is 400', async () => {
    const { http } = await testServer();
    const packed = gzipSync(lines(patient('a', 'First')));
    expect(told(await send(http, packed, { 'Content-Encoding': 'gzip' })).imported).toBe(1);
    expect((await send(http, 'no gzip', { 'Content-Encoding': 'gzip' })).status).toBe(400);
    expect((await send(http, 'x', { 'Content-Encoding': 'zstd' })).status).toBe(415);
  });

  test('with an Idempotency-Key the first answer is replayed, another body is 422', async () => {
    const { http, context } = await testServer();
    const key = { 'Idempotency-Key': 'once' };
    const { id: _id, ...nameless } = patient('x', 'Only');
    const first = await send(http, lines(nameless), key);
    const before = await everything(context);
    const second = await send(http, lines(nameless), key);
    expect([second.text, second.headers['idempotency-replayed']]).toEqual([first.text, 'true']);
    expect((await send(http, lines(nameless, nameless), key)).status).toBe(422);
    expect(await everything(context)).toEqual(before);
  });

  test('is no way around the body limit elsewhere, nor to another operation', async () => {
    const { http } = await testServer();
    const to = (path: string) =>
      sent(
        http
          .post(path)
          .set('Content-Type', ndjson)
          .send(lines(patient('a', 'F'))),
      );
    expect((await to('/fhir/Patient')).status).toBe(415);
    expect((await to('/fhir/Claim/$scrub')).status).toBe(415);
    expect((await to('/fhir/$import?x=1')).status).toBe(400);
    expect((await to('/fhir/Patient/$import')).status).toBe(404);
    expect((await sent(http.get('/fhir/$import'))).status).toBe(405);
  });
});

describe('$import of Parameters', () => {
  const parameters = (...resources: object[]) => ({
    resourceType: 'Parameters',
    parameter: resources.map((resource) => ({ name: 'resource', resource })),
  });

  test('takes each resource for itself; a dry run keeps nothing', async () => {
    const { http } = await testServer();
    const dry = parameters(patient('a', 'First'));
    dry.parameter.push({ name: 'dryRun', valueBoolean: true } as never);
    expect(told(await post(http, '/$import', dry)).imported).toBe(1);
    expect((await sent(http.get('/fhir/Patient/a'))).status).toBe(404);
    expect(told(await post(http, '/$import', parameters(patient('a', 'First')))).imported).toBe(1);
    expect((await sent(http.get('/fhir/Patient/a'))).status).toBe(200);
  });
});

describe('a long import', () => {
  test('streams: lines are kept before the body ends, however long it is, and a break leaves them', async () => {
    const context = await testContext();
    const server = httpServer(createApp(context, { bodyBytesMax: 10_000 }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const call = requestOf({
      port,
      host: '127.0.0.1',
      path: '/fhir/$import',
      method: 'POST',
      headers: { 'content-type': ndjson },
    });
    const broken = new Promise((resolve) => call.once('error', resolve));
    for (let i = 0; i < 2000; i++) call.write(`${JSON.stringify(patient(`p${i}`, 'Long'))}\n`);
    const isThere = async (): Promise<boolean> =>
      (await context.store.read('Patient', 'p1500')) !== undefined;
    while (!(await isThere())) await new Promise((resolve) => setTimeout(resolve, 5));
    call.destroy();
    await broken;
    await new Promise((resolve) => server.close(resolve));
    expect(await isThere()).toBe(true);
    await context.store.close();
  });
});
