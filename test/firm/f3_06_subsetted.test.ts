import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Patient } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { post, put, said, sent, testServer, type TestServer } from '../http/server.ts';

const patient: Patient & { id: string } = {
  resourceType: 'Patient',
  id: 'ss',
  name: [{ family: 'Marlow' }],
  communication: [{ language: { text: 'English' } }],
};
const subsetted = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
};
const cut = { ...patient, meta: { tag: [{ code: 'mine' }, subsetted] } };
const refused = { code: 'subsetted', expression: 'Patient.meta.tag[1]' };

describe.each(eachStore('f3_06'))('on %s', (_store, open) => {
  let server: TestServer;
  const version = async (): Promise<string | undefined> => {
    const { body } = await sent(server.http.get('/fhir/Patient/ss'));
    return (body as Patient).meta?.versionId;
  };

  beforeAll(async () => {
    server = await testServer({}, { store: await open() });
    await server.load(structuredClone(patient));
  });
  afterAll(() => server.context.store.close());

  test('3.6 what _summary gave is not put back', async () => {
    const { body, headers } = await sent(server.http.get('/fhir/Patient/ss?_summary=true'));
    expect((body as Patient).communication).toBeUndefined();
    const answer = await sent(
      server.http
        .put('/fhir/Patient/ss')
        .set('Content-Type', 'application/fhir+json')
        .set('If-Match', headers['etag'] ?? '')
        .send(JSON.stringify(body)),
    );
    expect([answer.status, said(answer)[0]?.code]).toEqual([422, 'subsetted']);
    expect(await version()).toBe('1');
  });

  test('3.6 a SUBSETTED resource is refused in a create, an update, a patch and $meta-add', async () => {
    const created = await post(server.http, '/Patient', cut);
    expect([created.status, said(created)]).toEqual([422, [refused]]);
    const updated = await put(server.http, cut);
    expect([updated.status, said(updated)]).toEqual([422, [refused]]);
    const patched = await sent(
      server.http
        .patch('/fhir/Patient/ss')
        .set('Content-Type', 'application/json-patch+json')
        .send(JSON.stringify([{ op: 'add', path: '/meta/tag', value: [subsetted] }])),
    );
    expect([patched.status, said(patched)[0]?.code]).toEqual([422, 'subsetted']);
    const tagged = await post(server.http, '/Patient/ss/$meta-add', {
      resourceType: 'Parameters',
      parameter: [{ name: 'meta', valueMeta: { tag: [subsetted] } }],
    });
    expect([tagged.status, said(tagged)[0]?.code]).toEqual([422, 'subsetted']);
    expect(await version()).toBe('1');
  });

  test('3.6 a SUBSETTED resource is refused in a batch, a transaction and $import', async () => {
    const entry = [{ resource: cut, request: { method: 'PUT', url: 'Patient/ss' } }];
    const transaction = await post(server.http, '', { resourceType: 'Bundle', type: 'transaction', entry });
    expect([transaction.status, said(transaction)[0]?.code]).toEqual([422, 'subsetted']);
    const batch = await post(server.http, '', { resourceType: 'Bundle', type: 'batch', entry });
    expect((batch.body as Bundle).entry?.[0]?.response?.status).toMatch(/^422/);
    const imported = await sent(
      server.http
        .post('/fhir/$import')
        .set('Content-Type', 'application/fhir+ndjson')
        .send(`${JSON.stringify(cut)}\n`),
    );
    expect(imported.text).toContain('SUBSETTED');
    expect(await version()).toBe('1');
  });

  test('3.6 neighbour: it is refused by a conditional update too', async () => {
    const answer = await sent(
      server.http
        .put('/fhir/Patient?_id=ss')
        .set('Content-Type', 'application/fhir+json')
        .send(JSON.stringify(cut)),
    );
    expect([answer.status, said(answer)]).toEqual([422, [refused]]);
  });

  test('3.6 neighbour: another system may have a code of that name', async () => {
    const own = { ...patient, id: 'own', meta: { tag: [{ system: 'urn:mine', code: 'SUBSETTED' }] } };
    expect((await put(server.http, own)).status).toBe(201);
  });

  test('3.6 neighbour: a Bundle that holds what was found may be kept', async () => {
    const bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: cut }] };
    expect((await post(server.http, '/Bundle', bundle)).status).toBe(201);
  });
});
