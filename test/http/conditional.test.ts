import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, OperationOutcome, Patient } from '@medplum/fhirtypes';
import { testContext } from '../context.ts';
import { fhirJson, post, said, sent, testServer, type Reply, type TestServer } from './server.ts';
import type { Store } from '../../src/store/store.ts';
import { eachStore } from './eachStore.ts';

const identified = (value: string, over: object = {}): Patient => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:x', value }],
  ...over,
});

describe.each(eachStore('conditional'))('on %s', (_store, emptyStore) => {
  let server: TestServer;
  let http: TestServer['http'];
  let store: Store;
  beforeEach(async () => {
    store = await emptyStore();
    server = await testServer({}, { store });
    http = server.http;
    await server.load(
      { ...identified('1'), id: 'p1' },
      { ...identified('2'), id: 'p2' },
      { ...identified('2'), id: 'p3' },
    );
  });
  afterEach(() => store.close());

  type Headers = Readonly<Record<string, string>>;
  const send = (
    method: 'put' | 'delete' | 'patch',
    url: string,
    body?: unknown,
    headers: Headers = {},
  ): Promise<Reply> =>
    sent(
      http[method](`/fhir/${url}`)
        .set({ 'Content-Type': fhirJson, ...headers })
        .send(body === undefined ? '' : JSON.stringify(body)),
    );
  const ids = async (): Promise<(string | undefined)[]> =>
    ((await sent(http.get('/fhir/Patient'))).body as Bundle).entry?.map(({ resource }) => resource?.id) ?? [];

  describe('a conditional update', () => {
    test('updates the one match, whether the body has its id or none', async () => {
      const without = await send('put', 'Patient?identifier=urn:x|1', identified('1', { active: true }));
      expect([without.status, without.headers['etag'], (without.body as Patient).id]).toEqual([
        200,
        'W/"2"',
        'p1',
      ]);
      const same = await send(
        'put',
        'Patient?identifier=urn:x|1',
        identified('1', { id: 'p1', gender: 'male' }),
      );
      expect([same.status, same.headers['etag']]).toEqual([200, 'W/"3"']);
    });

    test('creates where nothing matches: with an id of ours, or that of the body', async () => {
      const ours = await send('put', 'Patient?identifier=urn:x|7', identified('7'));
      expect([ours.status, ours.headers['etag']]).toEqual([201, 'W/"1"']);
      const theirs = await send('put', 'Patient?identifier=urn:x|8', identified('8', { id: 'mine' }));
      expect([theirs.status, (theirs.body as Patient).id]).toEqual([201, 'mine']);
    });

    test.each<[name: string, url: string, body: Patient, status: number, code: string]>([
      ['that several match', 'Patient?identifier=urn:x|2', identified('2'), 412, 'multiple-matches'],
      [
        'whose match has another id',
        'Patient?identifier=urn:x|1',
        identified('1', { id: 'p9' }),
        400,
        'wrong-id',
      ],
      ['whose id another has', 'Patient?identifier=urn:x|9', identified('9', { id: 'p1' }), 409, 'id-taken'],
      ['without criteria', 'Patient', identified('1'), 400, 'malformed-condition'],
      ['of nothing but a page', 'Patient?_count=1', identified('1'), 400, 'malformed-condition'],
      ['with an empty criterion', 'Patient?identifier=', identified('1'), 400, 'malformed-condition'],
      ['of what is unknown', 'Patient?colour=red', identified('1'), 400, 'unknown-parameter'],
      [
        'of another type',
        'Patient?identifier=urn:x|1',
        { resourceType: 'Basic' } as never,
        400,
        'wrong-resource-type',
      ],
    ])('%s is refused', async (_name, url, body, status, code) => {
      const reply = await send('put', url, body);
      expect([reply.status, said(reply)[0]?.code]).toEqual([status, code]);
      expect(await ids()).toEqual(['p1', 'p2', 'p3']);
    });

    test('is done once by many at the same time', async () => {
      const replies = await Promise.all(
        Array.from({ length: 50 }, () => send('put', 'Patient?identifier=urn:x|5', identified('5'))),
      );
      expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(new Set(replies.map(({ body }) => (body as Patient).id)).size).toBe(1);
    });
  });

  describe('a conditional create', () => {
    test('of 150 at the same time is one 201 and 149 × 200, all of the same resource', async () => {
      const replies = await Promise.all(
        Array.from({ length: 150 }, () =>
          post(http, '/Patient', identified('6'), { 'If-None-Exist': 'identifier=urn:x|6' }),
        ),
      );
      expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(149);
      expect(new Set(replies.map(({ headers }) => headers['location'])).size).toBe(1);
    });

    test.each([
      ['that several match', 'identifier=urn:x|2', 412, 'multiple-matches'],
      ['of nothing', '_format=json', 400, 'malformed-condition'],
      ['with an empty criterion', 'identifier=', 400, 'malformed-condition'],
      ['of what is unknown', 'colour=red', 400, 'unknown-parameter'],
      ['with a bad escape', 'identifier=%zz', 400, 'malformed-url'],
    ])('%s is refused', async (_name, condition, status, code) => {
      const reply = await post(http, '/Patient', identified('9'), { 'If-None-Exist': condition });
      expect([reply.status, said(reply)[0]?.code]).toEqual([status, code]);
      expect(await ids()).toEqual(['p1', 'p2', 'p3']);
    });
  });

  describe('a conditional delete', () => {
    test('takes away all matches', async () => {
      expect((await send('delete', 'Patient?identifier=urn:x|2')).status).toBe(204);
      expect(await ids()).toEqual(['p1']);
    });

    test('says how many there were, where that is preferred', async () => {
      const reply = await send('delete', 'Patient?identifier=urn:x|2', undefined, {
        Prefer: 'return=OperationOutcome',
      });
      expect([reply.status, (reply.body as OperationOutcome).issue[0]?.details?.text]).toEqual([
        200,
        '2 deleted',
      ]);
    });

    test('of nothing is 204', async () => {
      expect((await send('delete', 'Patient?identifier=urn:x|7')).status).toBe(204);
      expect(await ids()).toEqual(['p1', 'p2', 'p3']);
    });

    test('takes away none where others refer to one of them', async () => {
      await server.load({
        resourceType: 'Basic',
        id: 'b',
        code: { text: 'x' },
        subject: { reference: 'Patient/p3' },
      });
      const reply = await send('delete', 'Patient?identifier=urn:x|2');
      expect([reply.status, said(reply)[0]?.code]).toEqual([409, 'still-referred']);
      expect(await ids()).toEqual(['p1', 'p2', 'p3']);
    });

    test('takes away what refers to each other', async () => {
      await server.load({
        ...identified('2'),
        id: 'p4',
        link: [{ type: 'refer', other: { reference: 'Patient/p2' } }],
      });
      expect((await send('delete', 'Patient?identifier=urn:x|2')).status).toBe(204);
      expect(await ids()).toEqual(['p1']);
    });

    test.each([
      ['without criteria', 'Patient', 400, 'malformed-condition'],
      ['with an empty criterion', 'Patient?identifier=', 400, 'malformed-condition'],
      ['with a parameter of results', 'Patient?identifier=urn:x|2&_count=1', 400, 'malformed-condition'],
      ['of what is unknown', 'Patient?colour=red', 400, 'unknown-parameter'],
    ])('%s is refused', async (_name, url, status, code) => {
      const reply = await send('delete', url);
      expect([reply.status, said(reply)[0]?.code]).toEqual([status, code]);
      expect(await ids()).toEqual(['p1', 'p2', 'p3']);
    });

    test('of more than a thousand is refused as too costly', async () => {
      await server.context.store.transaction(async (tx) => {
        for (let i = 0; i <= 1000; i += 1)
          await tx.put({ resourceType: 'Basic', id: `b${i}`, code: { text: 'x' } });
      });
      const reply = await send('delete', 'Basic?_lastUpdated=gt2000-01-01');
      expect([reply.status, said(reply)[0]?.code]).toEqual([412, 'too-costly']);
      await send('delete', 'Basic/b0');
      expect((await send('delete', 'Basic?_lastUpdated=gt2000-01-01')).status).toBe(204);
    });
  });

  describe('versions that a client names', () => {
    const active = { ...identified('1'), id: 'p1', active: true };
    test.each<[name: string, headers: Headers, status: number]>([
      ['the current one', { 'If-Match': 'W/"1"' }, 200],
      ['the current one, strong', { 'If-Match': '"1"' }, 200],
      ['one of a list', { 'If-Match': 'W/"7", W/"1"' }, 200],
      ['whatever there is', { 'If-Match': '*' }, 200],
      ['another', { 'If-Match': 'W/"2"' }, 412],
      ['one that is no number', { 'If-Match': 'W/"abc"' }, 412],
      ['none that is there', { 'If-None-Match': 'W/"2"' }, 200],
      ['that it must not be', { 'If-None-Match': 'W/"1"' }, 412],
      ['that there must be none', { 'If-None-Match': '*' }, 412],
      ['in no form', { 'If-Match': '1' }, 400],
      ['in no form that excludes', { 'If-None-Match': 'x' }, 400],
    ])('%s: an update, a patch and a delete are held to it', async (_name, headers, status) => {
      expect((await send('put', 'Patient/p1', active, headers)).status).toBe(status);
      const patch = [{ op: 'add', path: '/active', value: true }];
      const patched = await send('patch', 'Patient/p2', patch, {
        ...headers,
        'Content-Type': 'application/json-patch+json',
      });
      expect(patched.status).toBe(status);
      expect((await send('delete', 'Patient/p3', undefined, headers)).status).toBe(
        status === 200 ? 204 : status,
      );
    });

    test('of what is not there are 412', async () => {
      expect(
        (await send('put', 'Patient/new', { ...active, id: 'new' }, { 'If-Match': 'W/"1"' })).status,
      ).toBe(412);
      expect((await send('delete', 'Patient/new', undefined, { 'If-Match': '*' })).status).toBe(412);
      expect(
        (await send('put', 'Patient/new', { ...active, id: 'new' }, { 'If-None-Match': '*' })).status,
      ).toBe(201);
    });

    test.each<[name: string, headers: Headers, status: number]>([
      ['If-None-Match of the current one', { 'If-None-Match': 'W/"1"' }, 304],
      ['If-None-Match of several', { 'If-None-Match': '"a", W/"1"' }, 304],
      ['If-None-Match of all', { 'If-None-Match': '*' }, 304],
      ['If-None-Match that is none', { 'If-None-Match': 'W/1' }, 400],
      ['If-Modified-Since later', { 'If-Modified-Since': 'Fri, 01 Jan 2100 00:00:00 GMT' }, 304],
      ['If-Modified-Since that is none', { 'If-Modified-Since': 'yesterday' }, 400],
      ['If-Modified-Since that is a number', { 'If-Modified-Since': '1' }, 400],
    ])('%s: a read', async (_name, headers, status) => {
      expect((await sent(http.get('/fhir/Patient/p1').set(headers))).status).toBe(status);
    });
  });

  describe('references of a resource that is written by itself', () => {
    const basic = (reference: string): object => ({
      resourceType: 'Basic',
      code: { text: 'x' },
      subject: { reference },
    });

    test('are resolved where they are conditional', async () => {
      const { status, body } = await post(http, '/Basic', basic('Patient?identifier=urn:x|1'));
      expect([status, (body as { subject: unknown }).subject]).toEqual([201, { reference: 'Patient/p1' }]);
      const updated = await send('put', 'Basic/b', { ...basic('Patient?identifier=urn:x|1'), id: 'b' });
      expect((updated.body as { subject: unknown }).subject).toEqual({ reference: 'Patient/p1' });
    });

    test.each([
      ['Patient?identifier=urn:x|7', 422, 'unresolved-reference'],
      ['Patient?identifier=urn:x|2', 412, 'multiple-matches'],
      ['Patient?colour=red', 400, 'unknown-parameter'],
      ['urn:uuid:6f1bd3a6-42a6-4f26-a6c1-0f0c2b3a4d5e', 422, 'unresolved-reference'],
    ])('%s is refused', async (reference, status, code) => {
      for (const reply of [
        await post(http, '/Basic', basic(reference)),
        await send('put', 'Basic/b', { ...basic(reference), id: 'b' }),
      ]) {
        expect([reply.status, said(reply)[0]]).toEqual([
          status,
          { code, expression: 'Basic.subject.reference' },
        ]);
      }
    });

    test.each(['Patient\\u003fidentifier=urn:x|7', '\\u0075rn:uuid:6f1bd3a6-42a6-4f26-a6c1-0f0c2b3a4d5e'])(
      '%s is found however it is escaped',
      async (reference) => {
        const text = `{"resourceType":"Basic","code":{"text":"x"},"subject":{"reference":"${reference}"}}`;
        const reply = await post(http, '/Basic', text);
        expect([reply.status, said(reply)[0]?.code]).toEqual([422, 'unresolved-reference']);
      },
    );

    test('inside a stored Bundle are its own', async () => {
      const fullUrl = 'urn:uuid:6f1bd3a6-42a6-4f26-a6c1-0f0c2b3a4d5e';
      const bundle = {
        resourceType: 'Bundle',
        type: 'collection',
        entry: [{ fullUrl, resource: identified('1') }, { resource: basic(fullUrl) }],
      };
      expect((await post(http, '/Bundle', bundle)).status).toBe(201);
    });
  });

  test('work that a store runs again begins with what came in', async () => {
    const context = await testContext();
    let isFirst = true;
    const { store } = context;
    const twice = new Proxy(store, {
      get(target, name) {
        if (name !== 'transaction') {
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        }
        return async (work: Parameters<typeof store.transaction>[0]) => {
          if (isFirst) {
            isFirst = false;
            await store
              .transaction(async (tx) => {
                await work(tx);
                throw new Error('a conflict');
              })
              .catch(() => undefined);
            await store.transaction((tx) => tx.put({ ...identified('1'), id: 'p1' }));
          }
          return store.transaction(work);
        };
      },
    });
    const { http: again } = await testServer({}, { store: twice });
    const fullUrl = 'urn:uuid:6f1bd3a6-42a6-4f26-a6c1-0f0c2b3a4d5e';
    const entry = [
      { fullUrl, resource: identified('1'), request: { method: 'PUT', url: 'Patient?identifier=urn:x|1' } },
      {
        resource: { resourceType: 'Basic', code: { text: 'x' }, subject: { reference: fullUrl } },
        request: { method: 'POST', url: 'Basic' },
      },
    ];
    const reply = await post(again, '/', { resourceType: 'Bundle', type: 'transaction', entry });
    expect(reply.status).toBe(200);
    const found = (await sent(again.get('/fhir/Basic'))).body as Bundle;
    expect(found.entry?.map(({ resource }) => (resource as { subject?: object }).subject)).toEqual([
      { reference: 'Patient/p1' },
    ]);
    isFirst = true;
    const single = await sent(
      again
        .put('/fhir/Patient?identifier=urn:x|9')
        .set('Content-Type', fhirJson)
        .send(JSON.stringify(identified('9'))),
    );
    expect(single.status).toBe(201);
  });
});
