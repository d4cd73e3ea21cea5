import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, CapabilityStatement, Parameters, Resource, SearchParameter } from '@medplum/fhirtypes';
import { createApp } from '../../src/app.ts';
import { openDefinitions } from '../../src/openDefinitions.ts';
import supertest from 'supertest';
import { testContext } from '../context.ts';
import { eachStore } from './eachStore.ts';
import { post, put, said, sent, testServer, type Reply, type TestServer } from './server.ts';

const eyes: SearchParameter & { id: string } = {
  resourceType: 'SearchParameter',
  id: 'patient-eyes',
  url: 'https://example.org/SearchParameter/patient-eyes',
  name: 'Eyes',
  status: 'active',
  description: 'The colour of the eyes',
  code: 'eyes',
  base: ['Patient'],
  type: 'token',
  expression: "Patient.extension.where(url='https://example.org/eyes').value",
};
const person = (id: string, colour: string): Resource & { id: string } => ({
  resourceType: 'Patient',
  id,
  extension: [{ url: 'https://example.org/eyes', valueCode: colour }],
});

describe.each(eachStore('searchparameter'))('on %s', (_name, open) => {
  let server: TestServer;
  const get = (path: string): Promise<Reply> => sent(server.http.get(`/fhir${path}`));
  const ids = ({ body }: Reply): (string | undefined)[] =>
    ((body as Bundle).entry ?? []).map(({ resource }) => resource?.id);

  /** Asks until the index is built; every answer before says that it is being built. */
  async function built(path: string, http = server.http): Promise<Reply> {
    for (;;) {
      const reply = await sent(http.get(`/fhir${path}`));
      if (reply.status === 200) return reply;
      expect([reply.status, said(reply)[0]?.code]).toEqual([400, 'index-building']);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  const listed = async (): Promise<boolean> => {
    const { rest } = (await get('/metadata')).body as CapabilityStatement;
    const patient = rest?.[0]?.resource?.find(({ type }) => type === 'Patient');
    return (
      patient?.searchParam?.some(({ name, definition }) => name === 'eyes' && definition === eyes.url) ??
      false
    );
  };

  afterEach(() => server.context.store.close());
  beforeEach(async () => {
    server = await testServer({}, { store: await open() });
    await server.load(person('old', 'green'));
  });

  describe('a SearchParameter that is stored', () => {
    const roads: [string, () => Promise<Reply>][] = [
      ['PUT', () => put(server.http, eyes)],
      ['POST', () => post(server.http, '/SearchParameter', eyes)],
      [
        'a transaction',
        () =>
          post(server.http, '', {
            resourceType: 'Bundle',
            type: 'transaction',
            entry: [{ resource: eyes, request: { method: 'PUT', url: 'SearchParameter/patient-eyes' } }],
          }),
      ],
      [
        'a batch',
        () =>
          post(server.http, '', {
            resourceType: 'Bundle',
            type: 'batch',
            entry: [{ resource: eyes, request: { method: 'POST', url: 'SearchParameter' } }],
          }),
      ],
    ];
    test.each(roads)('by %s is searched by, also for what was there before', async (_road, send) => {
      expect((await get('/Patient?eyes=green')).status).toBe(400);
      expect(await listed()).toBe(false);
      expect((await send()).status).toBeLessThan(300);
      await server.load(person('young', 'green'), person('other', 'brown'));
      expect(ids(await built('/Patient?eyes=green'))).toEqual(['old', 'young']);
      expect(ids(await get('/Patient?eyes:not=green'))).toEqual(['other']);
      await server.context.defined?.built; // the index may answer a moment before its building has ended
      expect(await listed()).toBe(true);
    });

    test('follows its changes, and goes with it', async () => {
      await put(server.http, eyes);
      await built('/Patient?eyes=green');
      const other = 'https://example.org/colour';
      await put(server.http, { ...eyes, expression: `Patient.extension.where(url='${other}').value` });
      expect(ids(await built('/Patient?eyes=green'))).toEqual([]);
      const patch = [{ op: 'replace', path: '/expression', value: eyes.expression }];
      const patched = await sent(
        server.http
          .patch('/fhir/SearchParameter/patient-eyes')
          .set('Content-Type', 'application/json-patch+json')
          .send(JSON.stringify(patch)),
      );
      expect(patched.status).toBe(200);
      expect(ids(await built('/Patient?eyes=green'))).toEqual(['old']);
      await put(server.http, { ...eyes, status: 'retired' });
      expect(said(await get('/Patient?eyes=green'))[0]?.code).toBe('unknown-parameter');
      await put(server.http, eyes);
      await built('/Patient?eyes=green');
      expect((await server.http.delete('/fhir/SearchParameter/patient-eyes')).status).toBe(204);
      expect(said(await get('/Patient?eyes=green'))[0]?.code).toBe('unknown-parameter');
      expect(await listed()).toBe(false);
    });

    test.each([
      ['of a type that is none', { base: ['Nothing'] as never }],
      ['without an expression', { expression: '' }],
      ['with an expression that is not served', { expression: 'Patient.name.repeat(given)' }],
      ['of a code that R4 uses otherwise', { code: 'gender', type: 'string' }],
    ] as const)('%s is refused and changes nothing', async (_what, change) => {
      const reply = await put(server.http, { ...eyes, ...change });
      expect(reply.status).toBe(422);
      expect((await get('/SearchParameter/patient-eyes')).status).toBe(404);
    });

    test('that is a draft is kept where it cannot be served, but not searched by', async () => {
      const draft = { ...eyes, status: 'draft', expression: 'Patient.name.repeat(given)' } as const;
      expect((await put(server.http, draft)).status).toBe(201);
      expect(said(await get('/Patient?eyes=green'))[0]?.code).toBe('unknown-parameter');
      expect(await listed()).toBe(false);
      const active = await put(server.http, { ...draft, status: 'active' });
      expect([active.status, said(active)[0]?.code]).toEqual([422, 'search-parameter']);
      expect((await put(server.http, { ...eyes, status: 'draft' })).status).toBe(200);
      expect(ids(await built('/Patient?eyes=green'))).toEqual(['old']);
    });

    test('of a code that another has is refused', async () => {
      await put(server.http, eyes);
      const reply = await put(server.http, { ...eyes, id: 'second', url: 'urn:second' });
      expect([reply.status, said(reply)[0]]).toEqual([
        422,
        { code: 'search-parameter', expression: 'SearchParameter.code' },
      ]);
    });

    test('that is rolled back with its transaction is not served', async () => {
      const reply = await post(server.http, '', {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [
          { resource: eyes, request: { method: 'PUT', url: 'SearchParameter/patient-eyes' } },
          { resource: { resourceType: 'Claim' }, request: { method: 'POST', url: 'Claim' } },
        ],
      });
      expect(reply.status).toBe(422);
      expect(said(await get('/Patient?eyes=green'))[0]?.code).toBe('unknown-parameter');
    });

    test('is served again after a restart', async () => {
      await put(server.http, eyes);
      await built('/Patient?eyes=green');
      const { store } = server.context;
      const { defined, packaged } = await openDefinitions({}, store, (error) => {
        throw error;
      });
      const context = await testContext({ store, defined });
      const again = supertest(createApp(context, {}, packaged));
      expect(ids(await built('/Patient?eyes=green', again))).toEqual(['old']);
    });
  });

  test('$index-progress says what is being built', async () => {
    const many = Array.from({ length: 3000 }, (_, i) => person(`p${i}`, 'green'));
    await server.context.store.transaction(async (tx) => {
      for (const one of many) await tx.put(one);
    });
    await put(server.http, eyes);
    const progress = await get('/SearchParameter/$index-progress');
    const parts = (progress.body as Parameters).parameter?.[0]?.part?.map(
      (p) => p.valueCode ?? p.valueInteger,
    );
    expect(parts).toEqual(['Patient', 'eyes', expect.any(Number), expect.any(Number)]);
    await built('/Patient?eyes=green');
    expect((await get('/SearchParameter/$index-progress')).body).toEqual({ resourceType: 'Parameters' });
  });

  test('a transaction finds what the server brings along', async () => {
    const value = 'https://claimwright.example/fhir/OperationDefinition/Claim-scrub';
    const reply = await post(server.http, '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ request: { method: 'GET', url: `OperationDefinition?url=${value}` } }],
    });
    const found = (reply.body as Bundle).entry?.[0]?.resource as Bundle;
    expect(found.entry?.[0]?.resource?.id).toBe('Claim-scrub');
  });
});
