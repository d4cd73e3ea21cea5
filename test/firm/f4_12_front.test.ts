import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig } from '../../src/config.ts';
import { post, said, testServer } from '../http/server.ts';
import { startServer, type RunningServer } from '../server.ts';
import { until } from '../until.ts';

const lines = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('over a socket', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer({ CLAIMWRIGHT_SEED: 'none', CLAIMWRIGHT_LOG: 'info' });
  });
  afterAll(async () => {
    await server.stop();
    server.remove();
  });
  const ask = (head: readonly string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(server.origin);
      const socket = connect(Number(port), hostname);
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('error', reject);
      socket.on('close', () => {
        resolve(text);
      });
      socket.write([...head, 'Connection: close', '', ''].join('\r\n'));
    });

  test.each([
    [
      'two Host headers',
      ['GET /fhir/Patient HTTP/1.1', 'Host: localhost', 'Host: localhost'],
      400,
      'malformed-header',
    ],
    ['no Host', ['GET /fhir/Patient HTTP/1.1'], 400, 'malformed-header'],
    [
      'an unknown Expect',
      ['GET /fhir/Patient HTTP/1.1', 'Host: localhost', 'Expect: tea'],
      417,
      'unknown-expectation',
    ],
    [
      'an absolute target of another server',
      ['GET http://evil.example/fhir/Patient HTTP/1.1', 'Host: localhost'],
      421,
      'wrong-host',
    ],
    ['a # in the path', ['GET /fhir/Patient/1#2 HTTP/1.1', 'Host: localhost'], 400, 'malformed-id'],
  ])('4.12 %s is refused with an OperationOutcome', async (_name, head, status, code) => {
    const text = await ask(head);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(text).toContain('"OperationOutcome"');
    expect(text).toContain(`"${code}"`);
  });

  test('4.12 an absolute target of this server is served, its query too', async () => {
    const text = await ask([
      `GET ${server.origin}/fhir/Patient?_count=3 HTTP/1.1`,
      'Host: elsewhere.example',
    ]);
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text).toContain('Patient?_count=3');
  });

  test('4.12 neighbour: HTTP 1.0 needs no Host, and the guard says what it misses', async () => {
    expect(await ask(['GET /fhir/metadata HTTP/1.0'])).toMatch(/^HTTP\/1\.1 200 /);
    expect(await ask(['GET /fhir/Patient HTTP/1.0'])).toMatch(/^HTTP\/1\.1 421 /);
  });

  test('4.12 the log holds the route that answers, never the path as it was sent', async () => {
    await fetch(`${server.base}/Patient%3Fname=Okonkwo`);
    await fetch(`${server.base}/Patient/Okonkwo/_history/7`);
    await fetch(`${server.base}/Okonkwo/1/2/3/4/5/6`);
    await fetch(`${server.origin}/Okonkwo`);
    await fetch(`${server.base}/Patient/Okonkwo/%24everything`);
    await fetch(`${server.origin}/healthz`);
    await until(() => server.logged().includes('/healthz')); // the log is written a moment later
    expect(server.logged()).not.toContain('Okonkwo');
    const paths = lines(server.logged()).map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['/fhir/:type', '/fhir/:type/:id/_history/:version']));
    expect(paths).toEqual(expect.arrayContaining(['unknown', '/fhir/:type/:id/$:operation', '/healthz']));
  });
});

test('4.12 a token that is set without its mode stops the start', () => {
  const token = 'a'.repeat(32);
  expect(() => readConfig({ CLAIMWRIGHT_TOKEN: token })).toThrow(ConfigError);
  expect(() => readConfig({ CLAIMWRIGHT_TOKEN: token })).toThrow(/CLAIMWRIGHT_TOKEN.*CLAIMWRIGHT_AUTH/);
  expect(readConfig({ CLAIMWRIGHT_TOKEN: token, CLAIMWRIGHT_AUTH: 'token' }).token).toBe(token);
});

test.each([
  ['1', 201],
  ['1.0', 422],
  ['1e0', 422],
  ['-0', 422],
])('4.12 an integer written %s is answered %s', async (text, status) => {
  const { http } = await testServer();
  const body = `{"resourceType":"Patient","multipleBirthInteger":${text}}`;
  const answer = await post(http, '/Patient', body);
  expect(answer.status).toBe(status);
  if (status === 422)
    expect(said(answer)).toEqual([{ code: 'wrong-format', expression: 'Patient.multipleBirthInteger' }]);
});

test('4.12 neighbour: a decimal keeps 1.0, an integer in a list does not', async () => {
  const { http } = await testServer();
  const part = '"status":"final","code":{"text":"x"},"valueQuantity":{"value":1.0}';
  const made = await post(http, '/Observation', `{"resourceType":"Observation",${part}}`);
  expect([made.status, made.text.includes('"value":1.0')]).toEqual([201, true]);
  const claim = `{"resourceType":"Claim","status":"draft","use":"claim","type":{"text":"x"},"patient":{"reference":"Patient/p"},
    "created":"2026-01-01","provider":{"reference":"Organization/o"},"priority":{"text":"normal"},
    "insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/c"}}],
    "item":[{"sequence":1,"productOrService":{"text":"x"},"diagnosisSequence":[1,2.0]}]}`;
  expect((await post(http, '/Claim', claim)).status).toBe(422);
  expect((await post(http, '/Claim', claim.replace('2.0', '2'))).status).toBe(201);
});
