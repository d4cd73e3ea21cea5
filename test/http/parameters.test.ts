import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { everything, fhirJson, said, sent, testServer, type TestServer } from './server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
  await server.load({ resourceType: 'Patient', id: 'p1', active: true, birthDate: '1980-12-31' });
});

const patient = { resourceType: 'Patient', id: 'p1', active: true, birthDate: '1980-12-31' };
const bundle = { resourceType: 'Bundle', type: 'batch' };
type Method = 'get' | 'post' | 'put' | 'delete';

const places: readonly [interaction: string, method: Method, path: string, body?: object][] = [
  ['a read', 'get', 'Patient/p1'],
  ['a vread', 'get', 'Patient/p1/_history/1'],
  ['a history of one', 'get', 'Patient/p1/_history'],
  ['metadata', 'get', 'metadata'],
  ['a create', 'post', 'Patient', patient],
  ['an update', 'put', 'Patient/p1', patient],
  ['a delete', 'delete', 'Patient/nobody'],
  ['a batch', 'post', '', bundle],
];

const send = (method: Method, path: string, body?: object) =>
  sent(
    server.http[method](`/fhir/${path}`)
      .set('Content-Type', fhirJson)
      .send(body ? JSON.stringify(body) : ''),
  );

describe.each(places)('%s', (_name, method, path, body) => {
  test.each(['colour=red', '_count2=1', 'name=a', '_sort=x', 'birthdate=1980', '__proto__=1'])(
    'refuses ?%s: nothing is silently ignored',
    async (query) => {
      const before = await everything(server.context);
      const reply = await send(method, `${path}?${query}`, body);
      expect([reply.status, said(reply)[0]?.code]).toEqual([400, 'unknown-parameter']);
      expect(await everything(server.context)).toEqual(before);
    },
  );

  test('takes what is about the transport', async () => {
    expect((await send(method, `${path}?_format=json&_pretty=true`, body)).status).toBeLessThan(300);
  });
});

describe('parts of a resource', () => {
  test.each([
    ['Patient/p1?_elements=birthDate', { birthDate: '1980-12-31' }],
    ['Patient/p1/_history/1?_elements=birthDate', { birthDate: '1980-12-31' }],
  ])('%s', async (path, expected) => {
    const { body } = await send('get', path);
    expect(body).toMatchObject({ ...expected, meta: { tag: [{ code: 'SUBSETTED' }] } });
    expect(body).not.toHaveProperty('active', false);
  });

  test('a choice of types is asked for by its name, without its type', async () => {
    const deceased = { ...patient, id: 'p2', deceasedDateTime: '2020-01-01' };
    await send('put', 'Patient/p2', deceased);
    const { body } = await send('get', 'Patient/p2?_elements=deceased');
    expect(body).toHaveProperty('deceasedDateTime', '2020-01-01');
    expect(body).not.toHaveProperty('birthDate');
    expect((await send('get', 'Patient/p2?_elements=birth')).status).toBe(400);
  });

  test.each([
    ['metadata?_summary=true', 'fhirVersion', 'rest[0].resource[0].interaction'],
    ['metadata?_elements=software', 'software', 'implementation'],
  ])('%s', async (path, has, lacks) => {
    const { body } = await send('get', path);
    expect(body).toMatchObject({
      resourceType: 'CapabilityStatement',
      meta: { tag: [{ code: 'SUBSETTED' }] },
    });
    expect(body).toHaveProperty(has);
    expect(body).not.toHaveProperty(lacks);
  });

  test('metadata is served in full, which may be asked for', async () => {
    const { status, body } = await send('get', 'metadata?mode=full');
    expect([status, (body as Resource).resourceType]).toEqual([200, 'CapabilityStatement']);
  });

  test('in a history', async () => {
    const { body } = await send('get', 'Patient/p1/_history?_elements=active');
    const [resource] = ((body as Bundle).entry ?? []).map((entry) => entry.resource as Resource);
    expect(resource).toMatchObject({ active: true, meta: { tag: [{ code: 'SUBSETTED' }] } });
    expect(resource).not.toHaveProperty('birthDate');
  });

  test.each([
    'Patient/p1?_summary=count',
    'Patient/p1/_history?_summary=count',
    'Patient/p1?_summary=all',
    'Patient/p1?_elements=colour',
  ])('%s is refused', async (path) => {
    expect((await send('get', path)).status).toBe(400);
  });
});
