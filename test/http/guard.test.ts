import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import type { OperationOutcome } from '@medplum/fhirtypes';
import { createApp } from '../../src/app.ts';
import { createLog } from '../../src/http/log.ts';
import { testContext } from '../context.ts';
import { fhirJson, post, said, sent, testServer } from './server.ts';
import { httpServer } from '../httpServer.ts';

const token = 'a-token-of-at-least-thirty-two-characters';

describe('without authorization', () => {
  test.each([
    ['127.0.0.1:8080', 404],
    ['localhost', 404],
    ['[::1]:99', 404],
    ['evil.example', 421],
    ['127.0.0.1.evil.example', 421],
  ])('Host %s gets %s', async (host, status) => {
    const { http } = await testServer();
    const response = await sent(http.get('/fhir/Patient/p1').set('Host', host));
    expect(response.status).toBe(status);
    if (status === 421) expect(said(response)[0]?.code).toBe('wrong-host');
  });

  test('the public name is let through', async () => {
    const { http } = await testServer({}, { publicUrl: 'https://billing.example/fhir' });
    expect((await http.get('/fhir/Patient/p1').set('Host', 'billing.example')).status).toBe(404);
  });
});

describe('with a token', () => {
  test.each([
    ['none', undefined, 401],
    ['another', `Bearer ${'x'.repeat(40)}`, 401],
    ['Basic', `Basic ${token}`, 401],
    ['the token', `Bearer ${token}`, 404],
  ])('%s gives %s', async (_name, authorization, status) => {
    const { http } = await testServer({ auth: 'token', token });
    const asked = http.get('/fhir/Patient/p1');
    const response = await sent(
      authorization === undefined ? asked : asked.set('Authorization', authorization),
    );
    expect(response.status).toBe(status);
    if (status !== 401) return;
    expect(said(response)[0]?.code).toBe('unauthorized');
    expect(response.headers['www-authenticate']).toMatch(/^Bearer/);
  });

  test('metadata and health need none', async () => {
    const { http } = await testServer({ auth: 'token', token });
    expect((await http.get('/fhir/metadata')).status).toBe(200);
    expect((await http.get('/healthz')).status).toBe(200);
  });
});

describe('the request id', () => {
  test('is the one the client gave when it is sound, else one of ours', async () => {
    const { http } = await testServer();
    const given = await sent(http.get('/fhir/metadata').set('X-Request-Id', 'abc-1'));
    expect(given.headers['x-request-id']).toBe('abc-1');
    const unsound = await sent(http.get('/fhir/metadata').set('X-Request-Id', 'a b{}'));
    expect(unsound.headers['x-request-id']).toMatch(/^[0-9a-f]{12}-[0-9a-z]+$/);
  });
});

describe('the log', () => {
  const lines: string[] = [];
  const log = createLog('info', () => '2026-01-01T00:00:00.000Z', { write: (text) => void lines.push(text) });

  test('has one JSON line for each request, without query string and body', async () => {
    const { http } = await testServer({ log });
    await http.get('/fhir/Patient?name=Okonkwo').set('X-Request-Id', 'r1');
    await post(http, '/Patient', { resourceType: 'Patient', name: [{ family: 'Okonkwo' }] });
    while (lines.join('').split('\n').length < 3) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      log.flush();
    }
    const text = lines.splice(0).join('');
    expect(text).not.toContain('Okonkwo');
    const logged = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(logged).toHaveLength(2);
    expect(logged[0]).toMatchObject({
      level: 'info',
      requestId: 'r1',
      method: 'GET',
      path: '/fhir/:type',
      status: 200,
    });
  });

  test('has the cause of a fault of ours, and the client has only its id', async () => {
    const { http } = await testServer(
      { log },
      {
        validate: () => {
          throw new TypeError('the secret cause');
        },
      },
    );
    const { status, body, text } = await post(
      http,
      '/Patient',
      { resourceType: 'Patient' },
      { 'X-Request-Id': 'r2' },
    );
    expect([status, (body as OperationOutcome).issue]).toEqual([
      500,
      [{ severity: 'fatal', code: 'exception', diagnostics: 'request r2' }],
    ]);
    expect(text).not.toContain('secret');
    log.flush();
    expect(lines.join('')).toContain('the secret cause');
  });

  test('says nothing when it is silent', () => {
    const written: string[] = [];
    const silent = createLog('silent', () => '', { write: (text) => void written.push(text) });
    silent.error({ requestId: 'r' });
    silent.flush();
    expect(written).toEqual([]);
  });
});

test('a body without end is cut off at the limit', async () => {
  const timers = process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length;
  const context = await testContext();
  const server = httpServer(createApp(context, { bodyBytesMax: 1000 }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const status = await new Promise((resolve, reject) => {
    const sent = request({
      port,
      method: 'POST',
      path: '/fhir/Patient',
      headers: { 'content-type': fhirJson },
    });
    sent.on('response', (response) => {
      resolve(response.statusCode);
      sent.destroy();
    });
    sent.on('error', reject);
    for (let i = 0; i < 5; i += 1) sent.write('x'.repeat(1000)); // never ended
  });
  server.closeAllConnections();
  server.close();
  expect(status).toBe(413);
  const now = process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length;
  expect(now).toBeLessThanOrEqual(timers); // none waits for the rest
  expect(await context.store.empty()).toBe(true);
});
