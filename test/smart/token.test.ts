import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  exportJWK,
  generateKeyPair,
  SignJWT,
  createLocalJWKSet,
  jwtVerify,
  type JWK,
  type JSONWebKeySet,
} from 'jose';
import { randomUUID } from 'node:crypto';
import {
  authorize,
  bearer,
  Browser,
  exchange,
  redirectUri,
  smartTest,
  type Received,
  type SmartTest,
} from './browser.ts';
import { tokenOf, world, type World } from './world.ts';

const scope = 'launch/patient openid fhirUser offline_access patient/*.rs';
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
type Key = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
let server: SmartTest;
let people: World;
let secret: string;
const keys: { readonly alg: string; readonly kid: string; readonly key: Key; readonly jwk: JWK }[] = [];

beforeAll(async () => {
  server = await smartTest();
  people = await world(server);
  for (const alg of ['ES384', 'RS384']) {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const kid = `key ${alg}`;
    keys.push({ alg, kid, key: privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } });
  }
  const jwks = { keys: keys.map(({ jwk }) => jwk) };
  await server.client({ id: 'app' });
  secret = (await server.client({ id: 'confidential', kind: 'secret' })).secret ?? '';
  await server.client({ id: 'keyed', kind: 'key', jwks });
  await server.client({ id: 'service', kind: 'service', redirectUris: [], jwks });
  await server.client({
    id: 'narrow-service',
    kind: 'service',
    redirectUris: [],
    jwks,
    scope: 'system/Patient.rs',
  });
});
afterAll(() => server.close());

interface Claims {
  readonly client: string;
  readonly by?: number;
  readonly over?: Readonly<Record<string, unknown>>;
  readonly lasts?: number;
}

async function assertion({ client, by = 0, over = {}, lasts = 240 }: Claims): Promise<string> {
  const { alg = '', kid = '', key } = keys[by] ?? {};
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: client,
    sub: client,
    aud: `${server.issuer}/token`,
    jti: randomUUID(),
    exp: now + lasts,
    ...over,
  };
  if (!key) throw new Error('no key');
  return new SignJWT(claims).setProtectedHeader({ alg, kid, typ: 'JWT' }).sign(key);
}

const backend = async (
  form: Readonly<Record<string, string>>,
  claims: Claims = { client: 'service' },
): Promise<Received> =>
  server.ask(`${server.issuer}/token`, {
    form: {
      ...{ grant_type: 'client_credentials', scope: 'system/*.read', client_assertion_type: assertionType },
      client_assertion: await assertion(claims),
      ...form,
    },
  });

const basic = (id: string, password: string): Readonly<Record<string, string>> => ({
  authorization: `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}`,
});

describe('token endpoint', () => {
  test('3.4.1 a confidential app authenticates with its secret by HTTP Basic', async () => {
    const launched = await authorize(server, new Browser(server), {
      client: 'confidential',
      scope,
      account: people.patient,
    });
    const form = {
      grant_type: 'authorization_code',
      code: launched.code,
      redirect_uri: redirectUri,
      code_verifier: launched.verifier,
    };
    const wrong = await server.ask(`${server.issuer}/token`, {
      form,
      headers: basic('confidential', `${secret}x`),
    });
    expect([wrong.status, wrong.json['error']]).toEqual([401, 'invalid_client']);
    const token = await server.ask(`${server.issuer}/token`, {
      form,
      headers: basic('confidential', secret),
    });
    expect([token.status, token.json['patient']]).toEqual([200, 'p1']);
  });

  test.each([0, 1])('3.4.1 an app authenticates by signing, with ES384 and RS384 (%p)', async (by) => {
    const launched = await authorize(server, new Browser(server), {
      client: 'keyed',
      scope,
      account: people.patient,
    });
    const form = {
      ...{
        grant_type: 'authorization_code',
        code: launched.code,
        redirect_uri: redirectUri,
        code_verifier: launched.verifier,
      },
      ...{ client_assertion_type: assertionType, client_assertion: await assertion({ client: 'keyed', by }) },
    };
    expect((await server.ask(`${server.issuer}/token`, { form })).status).toBe(200);
  });

  test('3.4.2 3.4.3 the answer has its members with their types, and is not kept', async () => {
    const { json, headers } = await tokenOf(server, { client: 'app', scope, account: people.patient });
    expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope });
    for (const name of ['access_token', 'refresh_token', 'id_token'])
      expect(typeof json[name]).toBe('string');
    expect(headers['cache-control']).toContain('no-store');
    expect(headers['pragma']).toContain('no-cache');
  });

  test('3.4.5 a token lasts an hour', async () => {
    const { json } = await tokenOf(server, { client: 'app', scope, account: people.patient });
    expect(json['expires_in']).toBeGreaterThanOrEqual(300);
  });

  test('3.1.7 the token answer may be read across origins', async () => {
    const launched = await authorize(server, new Browser(server), {
      client: 'app',
      scope,
      account: people.patient,
    });
    const { headers } = await server.ask(`${server.issuer}/token`, {
      headers: { origin: 'https://app.example' },
      form: {
        grant_type: 'authorization_code',
        code: launched.code,
        redirect_uri: redirectUri,
        client_id: 'app',
        code_verifier: launched.verifier,
      },
    });
    expect(headers['access-control-allow-origin']).toBe('https://app.example');
  });

  test('3.4 neighbour: a code is used once; the second use takes back what came of the first', async () => {
    const launched = await authorize(server, new Browser(server), {
      client: 'app',
      scope,
      account: people.patient,
    });
    const first = await exchange(server, 'app', launched);
    const by = bearer(first.json['access_token']);
    expect((await server.ask(`${server.base}/Patient/p1`, by)).status).toBe(200);
    const second = await exchange(server, 'app', launched);
    expect([second.status, second.json['error']]).toEqual([400, 'invalid_grant']);
    expect((await server.ask(`${server.base}/Patient/p1`, by)).status).toBe(401);
  });

  test('3.4 neighbour: of many who bring one code at once at most one gets a token', async () => {
    const launched = await authorize(server, new Browser(server), {
      client: 'app',
      scope,
      account: people.patient,
    });
    const answers = await Promise.all(Array.from({ length: 6 }, () => exchange(server, 'app', launched)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
  });

  test('3.4 neighbour: a code is of one client', async () => {
    const launched = await authorize(server, new Browser(server), {
      client: 'app',
      scope,
      account: people.patient,
    });
    const form = {
      grant_type: 'authorization_code',
      code: launched.code,
      redirect_uri: redirectUri,
      code_verifier: launched.verifier,
    };
    const token = await server.ask(`${server.issuer}/token`, {
      form,
      headers: basic('confidential', secret),
    });
    expect([token.status, token.json['error']]).toEqual([400, 'invalid_grant']);
  });
});

describe('OpenID Connect', () => {
  test('3.5.1 3.5.2 the ID token verifies by the published keys', async () => {
    const configuration = await server.ask(`${server.issuer}/.well-known/openid-configuration`);
    expect(configuration.headers['content-type']).toMatch(/^application\/json/);
    expect(configuration.json).toMatchObject({
      issuer: server.issuer,
      authorization_endpoint: `${server.issuer}/authorize`,
      token_endpoint: `${server.issuer}/token`,
      jwks_uri: `${server.issuer}/jwks`,
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: expect.arrayContaining(['RS256']),
    });
    const jwks = (await server.ask(`${server.issuer}/jwks`)).json as unknown as JSONWebKeySet;
    const { json } = await tokenOf(server, { client: 'app', scope, account: people.patient });
    const { payload, protectedHeader } = await jwtVerify(String(json['id_token']), createLocalJWKSet(jwks), {
      ...{ issuer: server.issuer, audience: 'app', algorithms: ['RS256'] },
    });
    expect(payload.sub).toBe(people.patient.id);
    expect(protectedHeader.kid).toBe(jwks.keys[0]?.kid);
    expect(payload['fhirUser']).toBe(`${server.base}/Patient/p1`);
  });

  test.each([
    ['patient', 'launch/patient openid fhirUser patient/*.rs', 'Patient/p1'],
    ['biller', 'openid fhirUser user/*.rs', 'Practitioner/biller'],
  ] as const)('3.5.3 the fhirUser of a %s can be read with the token', async (who, asked, user) => {
    const { json } = await tokenOf(server, { client: 'app', scope: asked, account: people[who] });
    const [, body = ''] = String(json['id_token']).split('.');
    const { fhirUser } = JSON.parse(Buffer.from(body, 'base64url').toString()) as { fhirUser: string };
    expect(fhirUser).toBe(`${server.base}/${user}`);
    expect((await server.ask(fhirUser, bearer(json['access_token']))).status).toBe(200);
  });
});

describe('backend services', () => {
  test('3.8.1 3.8.3 a service gets a token by signing', async () => {
    const { status, json } = await backend({});
    expect([status, json]).toEqual([
      200,
      { access_token: expect.any(String), token_type: 'Bearer', expires_in: 300, scope: 'system/*.read' },
    ]);
    const found = await server.ask(`${server.base}/Patient`, bearer(json['access_token']));
    expect((found.json as { entry: unknown[] }).entry).toHaveLength(2);
    expect(
      (await server.ask(`${server.base}/Patient/p1`, { ...bearer(json['access_token']), method: 'DELETE' }))
        .status,
    ).toBe(403);
  });

  test('3.8.2 an invalid grant type is 400', async () => {
    expect((await backend({ grant_type: 'not_a_grant_type' })).status).toBe(400);
  });

  test('3.8.2 an invalid assertion type is 400 or 401', async () => {
    expect([400, 401]).toContain((await backend({ client_assertion_type: 'not_an_assertion_type' })).status);
  });

  test.each<readonly [string, () => Promise<Received>]>([
    ['none at all', () => backend({ client_assertion: 'not.a.jwt' })],
    ['of another client', () => backend({}, { client: 'service', over: { iss: 'keyed' } })],
    [
      'for another server',
      () => backend({}, { client: 'service', over: { aud: 'https://other.example/token' } }),
    ],
    ['that has expired', () => backend({}, { client: 'service', lasts: -60 })],
    ['that lasts longer than five minutes', () => backend({}, { client: 'service', lasts: 3600 })],
    ['without an id', () => backend({}, { client: 'service', over: { jti: undefined } })],
    ['of a client that there is not', () => backend({}, { client: 'nobody' })],
  ])('3.8.2 an assertion %s is refused', async (_name, send) => {
    const { status, json } = await send();
    expect([400, 401]).toContain(status);
    expect(json['error']).toMatch(/^invalid_(?:client|request)$/);
  });

  test('3.8.1 neighbour: an assertion is used once', async () => {
    const once = await assertion({ client: 'service' });
    const answers = await Promise.all([1, 2, 3].map(() => backend({ client_assertion: once })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await backend({ client_assertion: once })).status).toBe(401);
  });

  test('3.8.1 neighbour: a service gets no scope of a user, and no more than it is registered for', async () => {
    expect((await backend({ scope: 'patient/*.rs openid' })).json['error']).toBe('invalid_scope');
    const narrow = await backend(
      { scope: 'system/Patient.read system/Claim.read' },
      { client: 'narrow-service' },
    );
    expect(narrow.json['scope']).toBe('system/Patient.read');
  });

  test('3.8.1 neighbour: a token signed with none, or with the public key as a secret, is refused', async () => {
    const parts = (header: object, client: string): string =>
      [
        header,
        {
          iss: client,
          sub: client,
          aud: `${server.issuer}/token`,
          jti: randomUUID(),
          exp: Math.floor(Date.now() / 1000) + 60,
        },
      ]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
    for (const client_assertion of [
      `${parts({ alg: 'none' }, 'service')}.`,
      `${parts({ alg: 'HS256', kid: 'key ES384' }, 'service')}.c2ln`,
    ])
      expect((await backend({ client_assertion })).status).toBe(401);
  });
});
