import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import request from 'supertest';
import { createApp } from '../../src/app.ts';
import { addressOf, trusting } from '../../src/http/clientAddress.ts';
import { createListener, type Listener } from '../../src/http/listener.ts';
import { RateLimit } from '../../src/http/rateLimit.ts';
import { testContext } from '../context.ts';

const fixture = (name: string): string => new URL(`../fixture/tls/${name}`, import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'tls-'));
const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
const use = (of: string): void => {
  copyFileSync(fixture(`${of}cert.pem`), files.cert);
  copyFileSync(fixture(`${of}key.pem`), files.key);
};

let listener: Listener;
let port = 0;
beforeAll(async () => {
  use('');
  listener = createListener(files);
  const app = createApp(await testContext());
  listener.adopt(app);
  listener.server.on('request', app);
  await new Promise<void>((resolve) => listener.server.listen(0, '127.0.0.1', resolve));
  ({ port } = listener.server.address() as AddressInfo);
});
afterAll(() => {
  listener.server.closeAllConnections();
  listener.server.close();
  rmSync(folder, { recursive: true });
});

/** Asks over TLS, trusting one certificate. */
const ask = (certificate: string, options: object = {}): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const agent = new Agent({ keepAlive: false });
    const ca = readFileSync(fixture(certificate));
    get({ host: '127.0.0.1', port, path: '/healthz', ca, agent, ...options }, (answer) => {
      answer.resume();
      resolve(answer);
    }).on('error', reject);
  });

test('D.6 TLS with a certificate of its own, and HSTS over it', async () => {
  const { statusCode, headers } = await ask('cert.pem');
  expect(statusCode).toBe(200);
  expect(headers['strict-transport-security']).toMatch(/^max-age=\d+$/);
});

test('an idle connection is kept for longer than a proxy before it would keep it', async () => {
  const agent = new Agent({ keepAlive: true });
  const { headers } = await ask('cert.pem', { agent });
  agent.destroy();
  expect(headers['keep-alive']).toBe('timeout=75');
});

test('2.4.1 D.6 TLS older than 1.2 is refused', async () => {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' };
  await expect(ask('cert.pem', old)).rejects.toThrow(/protocol|handshake|alert/i);
});

test('D.6 neighbour: a renewed certificate is taken, and one that is not sound leaves the former', async () => {
  writeFileSync(files.cert, 'nothing');
  expect(() => {
    listener.renew();
  }).toThrow();
  expect((await ask('cert.pem')).statusCode).toBe(200);
  use('renewed-');
  listener.renew();
  expect((await ask('renewed-cert.pem')).statusCode).toBe(200);
  await expect(ask('cert.pem')).rejects.toThrow(/certificate/);
});

const from = (remoteAddress: string, forwarded?: string): IncomingMessage =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;

test.each([
  ['nobody is trusted', [], '10.0.0.1', '1.2.3.4', '10.0.0.1'],
  ['a trusted proxy is believed', ['10.0.0.0/8'], '10.0.0.1', '1.2.3.4', '1.2.3.4'],
  ['what was said before an untrusted hop is not', ['10.0.0.0/8'], '10.0.0.1', '9.9.9.9, 1.2.3.4', '1.2.3.4'],
  ['two proxies, one behind the other', ['10.0.0.0/8'], '10.0.0.1', '9.9.9.9, 1.2.3.4, 10.0.0.2', '1.2.3.4'],
  ['an IPv4 address in IPv6', ['10.0.0.1'], '::ffff:10.0.0.1', '2001:db8::1', '2001:db8::1'],
  ['nonsense is no address', ['10.0.0.1'], '10.0.0.1', 'localhost', '10.0.0.1'],
  ['a caller who is no proxy', ['10.0.0.1'], '8.8.8.8', '1.2.3.4', '8.8.8.8'],
])('D.6 trusted hops: %s', (_, proxies, remote, forwarded, expected) => {
  expect(addressOf(from(remote, forwarded), trusting(proxies))).toBe(expected);
});

test('D.6 a client that asks too often is told when to ask again', async () => {
  const app = createApp(await testContext(), { rateLimit: 3, trustedProxies: ['127.0.0.1', '::1'] });
  const asked = (address: string) => request(app).get('/fhir/Patient').set('x-forwarded-for', address);
  for (let i = 0; i < 3; i++) await asked('1.2.3.4').expect(200);
  const refused = await asked('1.2.3.4').expect(429);
  expect(refused.headers['retry-after']).toMatch(/^(?:19|20)$/);
  expect(refused.body).toMatchObject({ issue: [{ code: 'throttled' }] });
  await asked('1.2.3.5').expect(200);
  await request(app).get('/healthz').set('x-forwarded-for', '1.2.3.4').expect(200);
});

test('D.6 neighbour: the bucket fills evenly, and remembers ten thousand clients', () => {
  let now = 0;
  const limit = new RateLimit(60, () => now);
  for (let i = 0; i < 60; i++) limit.take('a');
  expect(() => {
    limit.take('a');
  }).toThrow();
  now += 1000;
  limit.take('a');
  expect(() => {
    limit.refuseExhausted('a');
  }).toThrow();
  for (let i = 0; i < 20_000; i++) limit.take(`client ${i}`);
  limit.take('a'); // forgotten, so it begins anew
});

test('D.6 neighbour: tokens that are refused count for the address they come from', async () => {
  const app = createApp(await testContext(), { auth: 'token', token: 'x'.repeat(32), rateLimit: 2 });
  const guess = () => request(app).get('/fhir/Patient').set('authorization', 'Bearer wrong');
  await guess().expect(401);
  await guess().expect(401);
  await guess().expect(429);
});

test('D.6 no cache, no frame, no guessed type, no referrer', async () => {
  const { headers } = await request(createApp(await testContext()))
    .get('/fhir/Patient')
    .expect(200);
  expect(headers['cache-control']).toBe('no-store');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['x-frame-options']).toBe('DENY');
  expect(headers['referrer-policy']).toBe('no-referrer');
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
});
