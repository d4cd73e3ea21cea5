import { describe, expect, test } from '@jest/globals';
import type { OperationOutcome } from '@medplum/fhirtypes';
import supertest from 'supertest';
import { createApp } from '../../src/app.ts';
import { testContext } from '../context.ts';
import { eachStore } from '../http/eachStore.ts';
import { fhirJson, post, put, said, sent } from '../http/server.ts';

describe.each(eachStore('f3_07'))('on %s', (_name, open) => {
  const server = async () => {
    const context = await testContext({ store: await open() });
    return { context, http: supertest(createApp(context)) };
  };

  test('3.7 24:00:00 in a search is 400, in _since and _at too', async () => {
    const { http, context } = await server();
    for (const path of [
      '/fhir/Slot?start=2019-03-08T24:00:00Z',
      '/fhir/Slot?start=ge2019-03-08T24:00',
      '/fhir/Patient?_lastUpdated=lt2019-03-08T24:00:00Z',
      '/fhir/Patient/_history?_since=2019-03-08T24:00:00Z',
      '/fhir/Slot?_filter=start%20gt%202019-03-08T24:00:00Z',
    ])
      expect([path, (await http.get(path)).status]).toEqual([path, 400]);
    expect((await http.get('/fhir/Slot?start=2019-03-08T23:59:59Z')).status).toBe(200);
    await context.store.close();
  });

  test('3.7 the 412 of If-None-Match: * says why', async () => {
    const { http, context } = await server();
    await put(http, { resourceType: 'Patient', id: 'p1' });
    const refused = await sent(
      http
        .put('/fhir/Patient/p1')
        .set({ 'Content-Type': fhirJson, 'If-None-Match': '*' })
        .send('{"resourceType":"Patient","id":"p1","active":true}'),
    );
    expect([refused.status, said(refused)[0]?.code]).toEqual([412, 'version-conflict']);
    expect((refused.body as OperationOutcome).issue[0]?.details?.text).toMatch(
      /If-None-Match.*there is one already/,
    );
    await context.store.close();
  });

  test.each([
    ['an unknown operation', 'POST', '/Patient/$nonsense', {}, 404, 'unknown-operation'],
    [
      'an unknown parameter of an operation',
      'GET',
      '/Patient/p1/$everything?nonsense=1',
      undefined,
      400,
      'unknown-parameter',
    ],
    ['an unknown parameter of a search', 'GET', '/Patient?nonsense=1', undefined, 400, 'unknown-parameter'],
    [
      'an unknown parameter of a history',
      'GET',
      '/Patient/_history?nonsense=1',
      undefined,
      400,
      'unknown-parameter',
    ],
    ['an operation by the wrong method', 'GET', '/Claim/c1/$submit', undefined, 405, 'method-not-allowed'],
    [
      'a malformed value of a search of all types',
      'GET',
      '/?_type=Patient&birthdate=x',
      undefined,
      400,
      'malformed-value',
    ],
    [
      'a Bundle of another type',
      'POST',
      '/',
      { resourceType: 'Bundle', type: 'collection' },
      400,
      'wrong-bundle-type',
    ],
  ])(
    '3.7 with respond-async %s is refused before any 202',
    async (_what, method, path, body, status, code) => {
      const { http, context } = await server();
      const answer =
        method === 'POST'
          ? await post(http, path, body, { Prefer: 'respond-async' })
          : await sent(http.get(`/fhir${path}`).set('Prefer', 'respond-async'));
      expect([answer.status, said(answer)[0]?.code]).toEqual([status, code]);
      await context.store.close();
    },
  );

  test('3.7 neighbour: what is sound is still answered later, unknown parameters where the client is lenient too', async () => {
    const { http, context } = await server();
    const sound = await http.get('/fhir/Patient?name=x').set('Prefer', 'respond-async');
    expect(sound.status).toBe(202);
    const lenient = await http
      .get('/fhir/Patient?nonsense=1')
      .set('Prefer', 'respond-async, handling=lenient');
    expect(lenient.status).toBe(202);
    while ((await http.get(new URL(String(lenient.headers['content-location'])).pathname)).status === 202);
    await context.store.close();
  });
});
