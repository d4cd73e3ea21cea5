import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, OperationOutcome, Patient } from '@medplum/fhirtypes';
import { post, put, said, sent, testServer, type TestServer } from './server.ts';

const patient: Patient & { id: string } = { resourceType: 'Patient', id: 'p1', birthDate: '1980-12-31' };
const base = 'http://127.0.0.1:8080/fhir';

let server: TestServer;
let http: TestServer['http'];
beforeEach(async () => {
  server = await testServer();
  http = server.http;
});

describe('create', () => {
  test('answers 201 with an id of ours, Location, ETag and Last-Modified', async () => {
    const { status, headers, body } = await post(http, '/Patient', { ...patient, id: 'mine' });
    const { id, meta } = body as Patient & { id: string };
    expect(status).toBe(201);
    expect(id).not.toBe('mine');
    expect(meta?.versionId).toBe('1');
    expect(headers['location']).toBe(`${base}/Patient/${id}/_history/1`);
    expect(headers['etag']).toBe('W/"1"');
    expect(headers['last-modified']).toBe(new Date(meta?.lastUpdated ?? '').toUTCString());
  });

  test('answers as much as is preferred', async () => {
    const minimal = await post(http, '/Patient', patient, { Prefer: 'return=minimal' });
    expect([minimal.status, minimal.text]).toEqual([201, '']);
    const outcome = await post(http, '/Patient', patient, { Prefer: 'return=OperationOutcome' });
    expect((outcome.body as OperationOutcome).issue[0]?.severity).toBe('information');
  });

  test('with a condition is done once by a hundred at the same time', async () => {
    const resource = { ...patient, identifier: [{ system: 'urn:example', value: '7' }] };
    const answers = await Promise.all(
      Array.from({ length: 100 }, () =>
        post(http, '/Patient', resource, { 'If-None-Exist': 'identifier=urn:example|7' }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(99);
    expect(new Set(answers.map(({ body }) => (body as Patient).id)).size).toBe(1);
    expect(new Set(answers.map(({ headers }) => headers['location'])).size).toBe(1);
  });

  test('with a condition that several meet is a 412', async () => {
    await server.load(patient, { ...patient, id: 'p2' });
    const response = await post(http, '/Patient', patient, { 'If-None-Exist': 'birthdate=1980-12-31' });
    expect([response.status, said(response)[0]?.code]).toEqual([412, 'multiple-matches']);
  });

  test('keeps the precision of decimals', async () => {
    const text =
      '{"resourceType":"Basic","code":{"text":"x"},"extension":[{"url":"urn:x","valueDecimal":1.00}]}';
    const { text: answer } = await post(http, '/Basic', text);
    expect(answer).toContain('"valueDecimal":1.00');
  });
});

describe('read', () => {
  test('answers the bytes that are kept, with their version', async () => {
    await server.load(patient);
    const { status, headers, body } = await sent(http.get('/fhir/Patient/p1'));
    expect([status, headers['etag'], headers['content-type']]).toEqual([
      200,
      'W/"1"',
      'application/fhir+json; charset=utf-8',
    ]);
    expect(body).toMatchObject(patient);
  });

  test('answers 304 for what the client has', async () => {
    await server.load(patient);
    const { headers } = await sent(http.get('/fhir/Patient/p1'));
    const tagged = await sent(http.get('/fhir/Patient/p1').set('If-None-Match', 'W/"1"'));
    expect([tagged.status, tagged.text]).toEqual([304, '']);
    const dated = await sent(
      http.get('/fhir/Patient/p1').set('If-Modified-Since', headers['last-modified'] ?? ''),
    );
    expect(dated.status).toBe(304);
    const older = await sent(http.get('/fhir/Patient/p1').set('If-None-Match', 'W/"0"'));
    expect(older.status).toBe(200);
    const since = await sent(
      http.get('/fhir/Patient/p1').set('If-Modified-Since', 'Thu, 01 Jan 1970 00:00:00 GMT'),
    );
    expect(since.status).toBe(200);
  });

  test('of the deleted is 410, of a version that never was 404, of an older version that version', async () => {
    await server.load(patient, { ...patient, active: true });
    await http.delete('/fhir/Patient/p1').expect(204);
    expect((await http.get('/fhir/Patient/p1')).status).toBe(410);
    expect((await http.get('/fhir/Patient/p1/_history/3')).status).toBe(410);
    expect((await http.get('/fhir/Patient/p1/_history/4')).status).toBe(404);
    const { body, headers } = await sent(http.get('/fhir/Patient/p1/_history/1'));
    expect(body).toMatchObject({ ...patient, meta: { versionId: '1' } });
    expect(headers['etag']).toBe('W/"1"');
  });

  test('by HEAD has the headers and no body', async () => {
    await server.load(patient);
    const { status, headers, text } = await sent(http.head('/fhir/Patient/p1'));
    expect([status, headers['etag'], text]).toEqual([200, 'W/"1"', undefined]);
  });

  test('takes a slash at the end', async () => {
    await server.load(patient);
    expect((await http.get('/fhir/Patient/p1/')).status).toBe(200);
  });

  test('says application/json to who asks for just that', async () => {
    await server.load(patient);
    const { headers } = await sent(http.get('/fhir/Patient/p1').set('Accept', 'application/json'));
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect((await http.get('/fhir/Patient/p1').set('Accept', 'text/html, */*;q=0.8')).status).toBe(200);
    expect((await http.get('/fhir/Patient/p1?_format=json').set('Accept', 'text/html')).status).toBe(200);
  });

  test('keeps what it answers out of every cache and frame', async () => {
    const { headers } = await sent(http.get('/fhir/Patient/p1'));
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
  });
});

describe('update', () => {
  test('creates where there is nothing (201), then writes the next version (200)', async () => {
    expect((await put(http, patient)).status).toBe(201);
    const { status, headers } = await put(http, { ...patient, active: true });
    expect([status, headers['etag'], headers['location']]).toEqual([
      200,
      'W/"2"',
      `${base}/Patient/p1/_history/2`,
    ]);
  });

  test('equal to the current version writes none', async () => {
    await put(http, patient);
    const { status, headers } = await put(http, patient);
    expect([status, headers['etag']]).toEqual([200, 'W/"1"']);
  });

  test('goes on after If-Match of the current version', async () => {
    await put(http, patient);
    const { status } = await sent(
      http
        .put('/fhir/Patient/p1')
        .set({ 'Content-Type': 'application/fhir+json', 'If-Match': 'W/"1"' })
        .send(JSON.stringify({ ...patient, active: true })),
    );
    expect(status).toBe(200);
  });

  test('brings the deleted back as the next version', async () => {
    await put(http, patient);
    await http.delete('/fhir/Patient/p1');
    const { status, headers } = await put(http, patient);
    expect([status, headers['etag']]).toEqual([201, 'W/"3"']);
  });
});

describe('delete', () => {
  test('of nothing, and of what is deleted, is 204 and writes nothing', async () => {
    expect((await http.delete('/fhir/Patient/p1')).status).toBe(204);
    await put(http, patient);
    const { status, headers } = await sent(http.delete('/fhir/Patient/p1'));
    expect([status, headers['etag']]).toEqual([204, 'W/"2"']);
    expect((await http.delete('/fhir/Patient/p1')).headers['etag']).toBeUndefined();
  });
});

describe('a delete that references forbid', () => {
  test('names twenty of those that refer, and how many there are', async () => {
    await server.load(patient);
    for (let i = 0; i < 25; i += 1) {
      await server.load({
        resourceType: 'Basic',
        id: `b${i}`,
        code: { text: 'x' },
        subject: { reference: 'Patient/p1' },
      });
    }
    const reply = await sent(http.delete('/fhir/Patient/p1'));
    const text = (reply.body as OperationOutcome).issue[0]?.details?.text ?? '';
    expect([reply.status, said(reply)[0]?.code]).toEqual([409, 'still-referred']);
    expect(text).toMatch(/^Patient\/p1 is referred to by 25: /);
    expect(new Set(text.match(/Basic\/b\d+/g)).size).toBe(20);
    expect((await http.get('/fhir/Patient/p1')).status).toBe(200);
  });
});

describe('history', () => {
  test('has every version, newest first, each with how it came', async () => {
    await put(http, patient);
    await put(http, { ...patient, active: true });
    await http.delete('/fhir/Patient/p1');
    const { body } = await sent(http.get('/fhir/Patient/p1/_history'));
    const { type, total, entry = [] } = body as Bundle;
    expect([type, total]).toEqual(['history', 3]);
    expect(entry.map((e) => [e.request?.method, e.response?.status, e.response?.etag])).toEqual([
      ['DELETE', '204', 'W/"3"'],
      ['PUT', '200', 'W/"2"'],
      ['PUT', '201', 'W/"1"'],
    ]);
    expect(entry[0]?.resource).toBeUndefined();
    expect(entry[2]?.resource).toMatchObject(patient);
  });

  test('comes in pages that can be followed', async () => {
    for (let i = 0; i < 5; i += 1) await put(http, { ...patient, multipleBirthInteger: i + 1 });
    const seen: (string | undefined)[] = [];
    for (let url: string | undefined = '/fhir/Patient/p1/_history?_count=2'; url !== undefined;) {
      const { link = [], entry = [] } = (await sent(http.get(url))).body as Bundle;
      seen.push(...entry.map(({ resource }) => resource?.meta?.versionId));
      url = link.find(({ relation }) => relation === 'next')?.url.replace(/^http:\/\/[^/]+/, '');
    }
    expect(seen).toEqual(['5', '4', '3', '2', '1']);
  });

  test('of nothing is a 404, and knows no other parameter', async () => {
    expect((await http.get('/fhir/Patient/p1/_history')).status).toBe(404);
    await put(http, patient);
    const response = await sent(http.get('/fhir/Patient/p1/_history?_sort=x'));
    expect([response.status, said(response)[0]?.code]).toEqual([400, 'unknown-parameter']);
  });
});

describe('search', () => {
  beforeEach(async () => {
    for (let i = 1; i <= 5; i += 1) await server.load({ ...patient, id: `p${i}` });
  });

  test('answers a searchset of absolute URLs, page by page', async () => {
    const seen: string[] = [];
    for (let url: string | undefined = '/fhir/Patient?birthdate=1980-12-31&_count=2'; url !== undefined;) {
      const { type, link = [], entry = [] } = (await sent(http.get(url))).body as Bundle;
      expect(type).toBe('searchset');
      expect(entry.every(({ search }) => search?.mode === 'match')).toBe(true);
      seen.push(...entry.map(({ fullUrl = '' }) => fullUrl));
      url = link.find(({ relation }) => relation === 'next')?.url.replace(/^http:\/\/[^/]+/, '');
    }
    expect(seen).toEqual([1, 2, 3, 4, 5].map((i) => `${base}/Patient/p${i}`));
  });

  test('by POST finds the same as by GET', async () => {
    const got = await sent(http.get('/fhir/Patient?_id=p1,p3&_total=accurate'));
    const posted = await sent(
      http.post('/fhir/Patient/_search').type('form').send('_id=p1,p3&_total=accurate'),
    );
    expect((posted.body as Bundle).total).toBe(2);
    expect(posted.body).toEqual(got.body);
  });

  test('leaves out what is unknown where that is asked for, and the self link says so', async () => {
    const { status, body } = await sent(
      http.get('/fhir/Patient?_id=p1&colour=red').set('Prefer', 'handling=lenient'),
    );
    const { entry, link } = body as Bundle;
    expect([status, entry?.length, link?.[0]?.url]).toEqual([200, 2, `${base}/Patient?_id=p1`]);
  });

  test.each(['_id=p1&family=', '_id=p1&_contained=false', '_id=p1'])(
    '%s: the self link shows what was understood, so nothing of a parameter without value',
    async (query) => {
      const { status, body } = await sent(http.get(`/fhir/Patient?${query}`));
      const { entry, link } = body as Bundle;
      const understood = query.replace('&family=', '');
      expect([status, entry?.length, link?.[0]?.url]).toEqual([200, 1, `${base}/Patient?${understood}`]);
    },
  );

  test('an Accept without a media range asks for nothing in particular', async () => {
    expect((await sent(http.get('/fhir/Patient?_id=p1').set('Accept', ''))).status).toBe(200);
  });

  test('includes what is asked for, and says that it is no match', async () => {
    await server.load({
      resourceType: 'Basic',
      id: 'b1',
      code: { text: 'x' },
      subject: { reference: 'Patient/p1' },
    });
    const { body } = await sent(http.get('/fhir/Basic?_include=Basic:subject'));
    expect((body as Bundle).entry?.map(({ resource, search }) => [resource?.id, search?.mode])).toEqual([
      ['b1', 'match'],
      ['p1', 'include'],
    ]);
  });

  test('without matches has no entry', async () => {
    const { body } = await sent(http.get('/fhir/Patient?_id=nobody'));
    expect((body as Bundle).entry).toBeUndefined();
  });
});

describe('what is not FHIR', () => {
  test('health answers without anything', async () => {
    expect((await http.get('/healthz')).body).toEqual({ status: 'up' });
    expect((await http.get('/readyz')).body).toEqual({ status: 'ready' });
    expect((await http.head('/healthz')).status).toBe(200);
    expect((await http.post('/healthz')).status).toBe(404);
  });

  test('another path is a 404 that says where things are', async () => {
    const response = await sent(http.get('/fhirr/Patient'));
    expect([response.status, said(response)[0]?.code]).toEqual([404, 'unknown-path']);
    expect(JSON.stringify(response.body)).toContain('/fhir');
  });
});

test('until the store is prepared, everything but health is 503', async () => {
  const { http: early } = await testServer({ ready: () => false });
  expect((await early.get('/readyz')).status).toBe(503);
  expect((await early.get('/healthz')).status).toBe(200);
  const response = await sent(early.get('/fhir/Patient/p1'));
  expect([response.status, response.headers['retry-after'], said(response)[0]?.code]).toEqual([
    503,
    '2',
    'starting',
  ]);
});
