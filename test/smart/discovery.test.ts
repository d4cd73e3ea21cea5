import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CapabilityStatement } from '@medplum/fhirtypes';
import { smartTest, type SmartTest } from './browser.ts';

let server: SmartTest;
let open: SmartTest; // with registration
beforeAll(async () => {
  server = await smartTest();
  open = await smartTest({}, { registration: true });
});
afterAll(async () => {
  await server.close();
  await open.close();
});

const wellKnown = async (of: SmartTest): Promise<Readonly<Record<string, unknown>>> =>
  (await of.ask(`${of.base}/.well-known/smart-configuration`)).json;

const security = async (of: SmartTest): Promise<ReadonlyMap<string, string>> => {
  const statement = (await of.ask(`${of.base}/metadata`)).json as unknown as CapabilityStatement;
  const [extension] = statement.rest?.[0]?.security?.extension ?? [];
  expect(extension?.url).toBe('http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris');
  return new Map((extension?.extension ?? []).map(({ url, valueUri = '' }) => [url, valueUri]));
};

describe('discovery', () => {
  test('2.1.1 the CapabilityStatement needs no token', async () => {
    const { status, json } = await server.ask(`${server.base}/metadata`);
    expect(status).toBe(200);
    expect(json['fhirVersion']).toBe('4.0.1');
  });

  test('2.3.6 the CapabilityStatement names SMART-on-FHIR', async () => {
    const statement = (await server.ask(`${server.base}/metadata`)).json as unknown as CapabilityStatement;
    expect(statement.rest?.[0]?.security?.service?.[0]?.coding?.[0]?.code).toBe('SMART-on-FHIR');
  });

  test('2.3.7 the CapabilityStatement says where to authorize and to get tokens', async () => {
    const uris = await security(server);
    expect(uris.get('authorize')).toBe(`${server.issuer}/authorize`);
    expect(uris.get('token')).toBe(`${server.issuer}/token`);
  });

  test.each(['', '/'])('3.1.1 the configuration is JSON, not FHIR JSON (ending %p)', async (end) => {
    const { status, headers } = await server.ask(`${server.base}/.well-known/smart-configuration${end}`, {
      headers: { accept: 'application/json' },
    });
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^application\/json/);
  });

  test('3.1.2 it names the endpoints and what the server can', async () => {
    const found = await wellKnown(server);
    expect(found['authorization_endpoint']).toBe(`${server.issuer}/authorize`);
    expect(found['token_endpoint']).toBe(`${server.issuer}/token`);
    expect((found['capabilities'] as string[]).every((one) => one.trim() !== '')).toBe(true);
  });

  test('3.1.3 grants, PKCE by S256 only, issuer and keys', async () => {
    const found = await wellKnown(server);
    expect(found['grant_types_supported']).toEqual(
      expect.arrayContaining(['authorization_code', 'client_credentials', 'refresh_token']),
    );
    expect(found['code_challenge_methods_supported']).toEqual(['S256']);
    expect(found).toMatchObject({ issuer: server.issuer, jwks_uri: `${server.issuer}/jwks` });
  });

  test('3.1.4 scopes and the introspection endpoint', async () => {
    const found = await wellKnown(server);
    const form = /^(?:patient|user|system)\/(?:[A-Za-z]+|\*)\.(?=.)c?r?u?d?s?(?:\?.+)?$/;
    expect((found['scopes_supported'] as string[]).some((scope) => form.test(scope))).toBe(true);
    expect(found['introspection_endpoint']).toBe(`${server.issuer}/introspect`);
  });

  test('3.1.5 how backend services prove who they are', async () => {
    const found = await wellKnown(server);
    expect(found['token_endpoint_auth_methods_supported']).toContain('private_key_jwt');
    expect(found['token_endpoint_auth_signing_alg_values_supported']).toEqual(['RS384', 'ES384']);
  });

  test('3.1.6 the capabilities that CARIN asks for', async () => {
    expect((await wellKnown(server))['capabilities']).toEqual(
      expect.arrayContaining([
        ...['launch-standalone', 'client-public', 'client-confidential-symmetric', 'sso-openid-connect'],
        ...['context-standalone-patient', 'permission-offline', 'permission-patient', 'permission-user'],
      ]),
    );
  });

  test.each(['/.well-known/smart-configuration', '/metadata'])(
    '3.1.7 a browser app may read %s',
    async (path) => {
      const { headers } = await server.ask(`${server.base}${path}`, {
        headers: { origin: 'https://app.example' },
      });
      expect(headers['access-control-allow-origin']).toBe('*');
    },
  );

  test.each([
    ['closed', () => server],
    ['open', () => open],
  ])('3.2.1 both sides name the same endpoints where registration is %s', async (_name, of) => {
    const [configuration, uris] = [await wellKnown(of()), await security(of())];
    const names = {
      authorization: 'authorize',
      token: 'token',
      introspection: 'introspect',
      management: 'manage',
    };
    for (const [name, uri] of Object.entries({ ...names, registration: 'register', revocation: 'revoke' }))
      expect([name, configuration[`${name}_endpoint`]]).toEqual([name, uris.get(uri)]);
    expect(uris.has('register')).toBe(of() === open);
  });

  test('3.1 neighbour: what the configuration names is there', async () => {
    const found = await wellKnown(open);
    for (const [name, url] of Object.entries(found)) {
      if (typeof url !== 'string' || name === 'issuer') continue;
      const { status } = await open.ask(url, name === 'jwks_uri' ? {} : { form: { x: 'y' } });
      expect([name, status < 500 && status !== 404 && status !== 405]).toEqual([name, true]);
    }
  });

  test('3.1 neighbour: a server with one token for all names no authorization server', async () => {
    const single = await smartTest({}, { auth: 'token', token: 'x'.repeat(32) });
    expect((await single.ask(`${single.base}/.well-known/smart-configuration`)).status).toBe(401);
    const statement = (await single.ask(`${single.base}/metadata`)).json as unknown as CapabilityStatement;
    expect(statement.rest?.[0]?.security).toBeUndefined();
    expect((await single.ask(`${single.issuer}/jwks`)).status).toBe(404);
    await single.close();
  });

  test('3.1 neighbour: the published keys hold nothing private', async () => {
    const { keys } = (await server.ask(`${server.issuer}/jwks`)).json as { keys: object[] };
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) expect(Object.keys(key)).not.toEqual(expect.arrayContaining(['d']));
  });
});
