import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHmac, randomUUID } from 'node:crypto';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { smartTest, type Received, type SmartTest } from './browser.ts';
import { assertionType } from './tester.ts';

/** What a backend service signs that is another's, old, altered or made up. */
let server: SmartTest;
let own: Awaited<ReturnType<typeof generateKeyPair>>; // of the service
let other: Awaited<ReturnType<typeof generateKeyPair>>; // of another one
const lines: string[] = [];

beforeAll(async () => {
  const keep = (line: unknown): void => void lines.push(JSON.stringify(line));
  const log = { wants: () => true, debug: keep, info: keep, error: keep, flush: () => undefined };
  server = await smartTest({}, { log });
  own = await generateKeyPair('RS384', { extractable: true });
  other = await generateKeyPair('RS384', { extractable: true });
  for (const [id, { publicKey }] of [
    ['service', own],
    ['other-service', other],
  ] as const)
    await server.client({
      ...{ id, kind: 'service', redirectUris: [] },
      jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS384', use: 'sig' }] },
    });
});
afterAll(() => server.close());

const askToken = (form: Readonly<Record<string, string>>): Promise<Received> =>
  server.ask(`${server.issuer}/token`, { form });

describe('signatures', () => {
  const claims = (client = 'service'): Record<string, unknown> => ({
    ...{ iss: client, sub: client, aud: `${server.issuer}/token`, jti: randomUUID() },
    exp: Math.floor(Date.now() / 1000) + 120,
  });
  const send = (client_assertion: string, over = {}): Promise<Received> =>
    askToken({
      ...{ grant_type: 'client_credentials', scope: 'system/*.rs', client_assertion_type: assertionType },
      ...{ client_assertion, ...over },
    });
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const byHmac = (header: object, secret: string): string => {
    const signed = `${encoded(header)}.${encoded(claims())}`;
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  };
  const sign = (header: Record<string, unknown>, over = {}, key = own.privateKey): Promise<string> =>
    new SignJWT({ ...claims(), ...over }).setProtectedHeader({ alg: 'RS384', ...header }).sign(key);

  test.each<readonly [string, () => Promise<string> | string]>([
    ['by no algorithm', () => `${encoded({ alg: 'none' })}.${encoded(claims())}.`],
    [
      'by no algorithm, spelled otherwise',
      () => `${encoded({ alg: 'nOnE', kid: 'k' })}.${encoded(claims())}.`,
    ],
    ['with its signature left out', async () => (await sign({ kid: 'k' })).replace(/[^.]*$/, '')],
    [
      'with the public key as an HMAC key',
      async () => byHmac({ alg: 'HS256', kid: 'k' }, await exportSPKI(own.publicKey)),
    ],
    ['with an empty HMAC key', () => byHmac({ alg: 'HS256' }, '')],
    ['with the key of another client', () => sign({ kid: 'k' }, {}, other.privateKey)],
    [
      'with a key that it brings along',
      async () => sign({ jwk: await exportJWK(other.publicKey) }, {}, other.privateKey),
    ],
    [
      'with a key at a URL that it names',
      () => sign({ jku: 'http://127.0.0.1:1/jwks', kid: 'x' }, {}, other.privateKey),
    ],
    ['with a kid that is a path', () => sign({ kid: '../../dev/null' }, {}, other.privateKey)],
    [
      'of which a claim was changed',
      async () => (await sign({ kid: 'k' })).replace(/\.[^.]*\./, `.${encoded(claims('other-service'))}.`),
    ],
    ['of another client about this one', () => sign({ kid: 'k' }, { iss: 'other-service' })],
    ['about another client', () => sign({ kid: 'k' }, { sub: 'other-service', iss: 'other-service' })],
    [
      'with a critical header that is unknown',
      () => sign({ kid: 'k', crit: ['x'], x: 1 }).catch(() => 'x.y.z'),
    ],
    ['for FHIR', () => sign({ kid: 'k' }, { aud: server.base })],
    ['for another server', () => sign({ kid: 'k' }, { aud: 'https://other.example/token' })],
    ['for nobody', () => sign({ kid: 'k' }, { aud: [] })],
    ['that has expired', () => sign({ kid: 'k' }, { exp: Math.floor(Date.now() / 1000) - 60 })],
    ['that never expires', () => sign({ kid: 'k' }, { exp: undefined })],
    ['that expires in a word', () => sign({ kid: 'k' }, { exp: 'tomorrow' }).catch(() => 'x.y.z')],
    ['that is not valid yet', () => sign({ kid: 'k' }, { nbf: Math.floor(Date.now() / 1000) + 100 })],
    ['that lasts a day', () => sign({ kid: 'k' }, { exp: Math.floor(Date.now() / 1000) + 86_400 })],
    ['with an object for an id', () => sign({ kid: 'k' }, { jti: { __proto__: null } })],
    ['whose claims are an array', () => `${encoded({ alg: 'RS384' })}.${encoded([])}.eA`],
    [
      'that is very long',
      () => `${encoded({ alg: 'RS384', x: 'y'.repeat(40_000) })}.${encoded(claims())}.eA`,
    ],
  ])('D attack: an assertion %s is refused', async (_name, make) => {
    const { status, json } = await send(await make());
    expect([400, 401, 413]).toContain(status);
    expect([json['error'], json['access_token']]).toEqual([
      expect.stringMatching(/^invalid_(?:client|request)$/),
      undefined,
    ]);
  });

  test('D attack: an assertion counts once, also for another grant, and after its client was named otherwise', async () => {
    const once = await sign({ kid: 'k' });
    expect((await send(once, { client_id: 'other-service' })).status).toBeGreaterThanOrEqual(400);
    const fresh = await sign({ kid: 'k' });
    expect((await send(fresh)).status).toBe(200);
    expect((await send(fresh)).json['error']).toBe('invalid_client');
    expect((await send(fresh, { grant_type: 'refresh_token', refresh_token: 'x' })).json['error']).toBe(
      'invalid_client',
    );
  });

  test('D attack: a service acts for no user: it gets no ID token, no refresh and no launch context', async () => {
    const { json } = await send(await sign({ kid: 'k' }), {
      scope: 'system/Patient.rs openid fhirUser offline_access launch/patient user/*.cruds patient/*.rs',
    });
    expect(Object.keys(json).sort()).toEqual(['access_token', 'expires_in', 'scope', 'token_type']);
    expect(json['scope']).toBe('system/Patient.rs');
  });
});

test('D attack: no assertion is in the log', () => {
  expect(lines.length).toBeGreaterThan(20);
  expect(lines.join('\n')).not.toMatch(/eyJ|Bearer|[A-Za-z0-9_-]{43}/);
});
