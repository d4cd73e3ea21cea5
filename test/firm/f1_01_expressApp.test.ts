import { describe, expect, test } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import express from 'express';
import supertest from 'supertest';
import { createApp } from '../../src/app.ts';
import { createLog } from '../../src/http/log.ts';
import { FhirError } from '../../src/outcome/fhirError.ts';
import { details } from '../../src/outcome/issue.ts';
import { interactionOf, routeOf, routes } from '../../src/interaction/rest/request.ts';
import { requestTargetOf } from '../../src/interaction/rest/requestTarget.ts';
import { testContext } from '../context.ts';
import { eachStore } from '../http/eachStore.ts';
import { fhirJson, post, said, sent } from '../http/server.ts';

describe.each(eachStore('f1_01'))('mounted in another app, on %s', (_name, open) => {
  const mounted = async () => {
    const context = await testContext({
      store: await open(),
      publicUrl: 'https://office.example/billing/fhir',
    });
    const outer = express();
    outer.get('/fhir/Patient/p1', (_request, response) => {
      response.send('of the outer app');
    });
    outer.use('/billing', createApp(context, { auth: 'token', token: 'a'.repeat(32) }));
    outer.use((_request, response) => {
      response.status(404).send('of the outer app');
    });
    return {
      context,
      http: supertest(outer),
      direct: supertest(createApp(context, { auth: 'token', token: 'a'.repeat(32) })),
    };
  };
  const bearer = { Authorization: `Bearer ${'a'.repeat(32)}` };

  test('1.1 createApp is an Express app that answers below the mount, with links of the public URL', async () => {
    const { http, context } = await mounted();
    const made = await http
      .post('/billing/fhir/Patient')
      .set(bearer)
      .set('Content-Type', fhirJson)
      .send('{"resourceType":"Patient"}');
    expect(made.status).toBe(201);
    expect(made.headers['location']).toMatch(/^https:\/\/office\.example\/billing\/fhir\/Patient\//);
    const found = await http.get('/billing/fhir/Patient').set(bearer);
    expect((found.body as Bundle).link?.[0]?.url).toBe('https://office.example/billing/fhir/Patient');
    expect((await http.get('/billing/healthz')).text).toBe('{"status":"up"}');
    expect((await http.get('/fhir/Patient/p1')).text).toBe('of the outer app');
    const nothing = await sent(http.get('/billing/elsewhere'));
    expect([nothing.status, said(nothing)[0]?.code]).toEqual([404, 'unknown-path']);
    await context.store.close();
  });

  test('1.1 an Idempotency-Key is known by the path below the mount', async () => {
    const { http, direct, context } = await mounted();
    const create = (to: typeof http, path: string) =>
      to
        .post(path)
        .set({ ...bearer, 'Content-Type': fhirJson, 'Idempotency-Key': 'k' })
        .send('{"resourceType":"Patient"}');
    const first = await create(http, '/billing/fhir/Patient');
    const again = await create(direct, '/fhir/Patient/');
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.headers['location']).toBe(first.headers['location']);
    expect(again.headers['idempotency-replayed']).toBe('true');
    await context.store.close();
  });
});

test('1.1 neighbour: a body that a parser of the outer app has read is a fault that says so, not a wait', async () => {
  const lines: string[] = [];
  const log = createLog('error', () => '', { write: (text) => void lines.push(text) });
  const outer = express();
  outer.use(express.json({ type: () => true }));
  outer.use(createApp(await testContext(), { log }));
  const { status } = await post(supertest(outer), '/Patient', { resourceType: 'Patient' });
  expect(status).toBe(500);
  expect(lines.join('')).toContain('a body parser before ours has read the body');
});

test('1.1 the principal is made for each request, and its refusal is the answer', async () => {
  const asked: string[] = [];
  const context = await testContext();
  const app = createApp(context, {
    principalOf: ({ headers }) => {
      const name = headers['x-user'];
      if (typeof name !== 'string')
        throw new FhirError(401, [
          { severity: 'error', code: 'login', details: details('unauthorized', 'log in') },
        ]);
      asked.push(name);
      return { name };
    },
  });
  const http = supertest(app);
  const as = (user: string) =>
    http
      .post('/fhir/Patient')
      .set({ 'X-User': user, 'Content-Type': fhirJson, 'Idempotency-Key': 'same' })
      .send('{"resourceType":"Patient"}');
  const locations = [await as('ada'), await as('ben'), await as('ada')].map(
    ({ headers }) => headers['location'] as unknown,
  );
  expect(locations[0]).toBe(locations[2]);
  expect(locations[0]).not.toBe(locations[1]);
  expect(asked).toEqual(['ada', 'ben', 'ada']);
  expect((await http.get('/fhir/Patient')).status).toBe(401);
  expect((await http.get('/fhir/metadata')).status).toBe(200);
});

test('1.1 neighbour: an answer that is kept for one principal is unknown to another', async () => {
  const app = createApp(await testContext(), {
    principalOf: ({ headers }) => ({ name: String(headers['x-user']) }),
  });
  const http = supertest(app);
  const begun = await http.get('/fhir/Patient').set({ 'X-User': 'ada', Prefer: 'respond-async' });
  expect(begun.status).toBe(202);
  const path = new URL(String(begun.headers['content-location'])).pathname;
  expect((await http.get(path).set('X-User', 'ben')).status).toBe(404);
  expect([200, 202]).toContain((await http.get(path).set('X-User', 'ada')).status);
});

describe('1.1 the router and Bundles read a path by the same table', () => {
  const examples: Record<string, string> = {
    ':type': 'Patient',
    ':id': 'p1',
    ':within': 'Claim',
    ':version': '2',
    '$:operation': '$meta',
  };
  test.each(Object.entries(routes))('%s', async (route, methods) => {
    const path = route
      .slice(1)
      .split('/')
      .map((part) => examples[part] ?? part)
      .join('/');
    expect(routeOf(requestTargetOf(path))).toBe(route);
    for (const [method = '', interaction] of Object.entries(methods))
      expect(interactionOf(method, requestTargetOf(path))).toBe(interaction);
    const refused = await sent(
      supertest(createApp(await testContext())).options(`/fhir/${path.replace('$', '%24')}/`),
    );
    expect([refused.status, refused.headers['allow']]).toEqual([
      405,
      Object.keys(methods)
        .flatMap((m) => (m === 'GET' ? ['GET', 'HEAD'] : [m]))
        .join(', '),
    ]);
  });
});

test.each([
  ['/FHIR/Patient', 404],
  ['/fhir/patient', 404],
  ['/fhirx', 404],
  ['/fhir/Patient/a%2Fb', 404],
  ['/fhir/Patient/%e0%a4', 400],
  ['/fhir/%50atient?_count=0', 200],
  ['/fhir/Patient/1%3F_summary=true', 400],
])('1.1 neighbour: %s is %s', async (path, status) => {
  expect((await supertest(createApp(await testContext())).get(path)).status).toBe(status);
});
