import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { decodeProtectedHeader, importSPKI, jwtVerify } from 'jose';
import { fhirServers } from '../../src/transport/fhirServer.ts';
import type { FhirServer, FhirWay } from '../../src/transport/transport.ts';
import { httpServer } from '../httpServer.ts';

const secrets = mkdtempSync(join(tmpdir(), 'claimwright-secrets-'));
const keys = {
  rsa: generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }),
  ec: generateKeyPairSync('ec', {
    namedCurve: 'P-384',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }),
};
let server: Server;
let origin: string;
let asked: { readonly authorization: string | undefined; readonly form: URLSearchParams }[] = [];
let seen: (string | undefined)[] = [];
/** What the FHIR server accepts. */
let valid = '';
let tokens = 0;

beforeAll(async () => {
  writeFileSync(join(secrets, 'office'), 'a secret&more\n');
  writeFileSync(join(secrets, 'office-rsa'), JSON.stringify({ kid: 'key-1', pem: keys.rsa.privateKey }));
  writeFileSync(join(secrets, 'office-ec'), keys.ec.privateKey);
  writeFileSync(join(secrets, 'office-token'), 'static-token\n');
  writeFileSync(join(secrets, 'office-login'), 'office:secret');
  writeFileSync(
    join(secrets, 'office-broken'),
    '-----BEGIN PRIVATE KEY-----\nnone\n-----END PRIVATE KEY-----',
  );
  server = httpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url === '/fhir/.well-known/smart-configuration')
        response.end(JSON.stringify({ token_endpoint: `${origin}/token` }));
      else if (request.url === '/token') {
        const form = new URLSearchParams(Buffer.concat(chunks).toString());
        asked.push({ authorization: request.headers.authorization, form });
        valid = `token-${(tokens += 1)}`;
        response.end(JSON.stringify({ access_token: valid, token_type: 'bearer', expires_in: 300 }));
      } else if (request.url === '/refusing') response.writeHead(400).end('{"error":"invalid_client"}');
      else {
        seen.push(request.headers.authorization);
        response.writeHead(seen.at(-1) === `Bearer ${valid}` ? 200 : 401).end('{"resourceType":"Bundle"}');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(secrets, { recursive: true });
});
beforeEach(() => {
  asked = [];
  seen = [];
});

const opened = (way: Partial<FhirWay>): FhirServer =>
  fhirServers({ hosts: [new URL(origin).host], secrets })({ address: `${origin}/fhir`, ...way });
const get = async (of: FhirServer, path = '/Claim'): Promise<number> =>
  (await of.call({ method: 'GET', url: `${of.base}${path}`, headers: {} })).status;

test('6 a client with a secret gets a token from the endpoint that the server names, and uses it until it ends', async () => {
  const payer = opened({ clientId: 'office', secret: 'office', scope: 'system/Claim.c' });
  expect([await get(payer), await get(payer)]).toEqual([200, 200]);
  expect(asked).toHaveLength(1);
  expect(Object.fromEntries(asked[0]?.form ?? [])).toEqual({
    grant_type: 'client_credentials',
    scope: 'system/Claim.c',
  });
  const login = Buffer.from((asked[0]?.authorization ?? '').replace('Basic ', ''), 'base64').toString();
  expect(login).toBe('office:a%20secret%26more');
});

test.each([
  ['RS384', 'office-rsa', 'rsa', 'key-1'],
  ['ES384', 'office-ec', 'ec', undefined],
] as const)(
  '6 backend services: the client proves itself with an assertion (%s) for that endpoint, another each time',
  async (alg, secret, key, kid) => {
    const payer = opened({ clientId: 'office', secret, tokenUrl: `${origin}/token` });
    expect(await get(payer)).toBe(200);
    valid = 'revoked';
    expect(await get(payer)).toBe(200); // refused once, then with a new token
    const ids = await Promise.all(
      asked.map(async ({ form, authorization }) => {
        expect(authorization).toBeUndefined();
        expect(form.get('client_assertion_type')).toBe(
          'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        );
        const jwt = form.get('client_assertion') ?? '';
        expect(decodeProtectedHeader(jwt)).toEqual({
          alg,
          typ: 'JWT',
          ...(kid === undefined ? {} : { kid }),
        });
        const { payload } = await jwtVerify(jwt, await importSPKI(keys[key].publicKey, alg), {
          audience: `${origin}/token`,
          issuer: 'office',
          subject: 'office',
        });
        expect((payload.exp ?? 0) * 1000 - Date.now()).toBeLessThanOrEqual(300_000);
        return payload.jti;
      }),
    );
    expect(new Set(ids).size).toBe(2);
  },
);

test('6 without a client the secret itself is shown: a token, or name and password; and none where there is none', async () => {
  for (const secret of ['office-token', 'office-login']) await get(opened({ secret }));
  await get(opened({}));
  expect(seen).toEqual([
    // a server that refuses is asked once more only where there was a token to renew
    'Bearer static-token',
    `Basic ${Buffer.from('office:secret').toString('base64')}`,
    undefined,
  ]);
  expect(asked).toEqual([]);
});

test.each<[string, () => Partial<FhirWay>, string, string]>([
  [
    'a token endpoint on another host',
    () => ({ clientId: 'o', secret: 'office', tokenUrl: 'https://elsewhere.example/token' }),
    '/Claim',
    'not-allowed',
  ],
  [
    'an authorization server that refuses',
    () => ({ clientId: 'o', secret: 'office', tokenUrl: `${origin}/refusing` }),
    '/Claim',
    'login',
  ],
  ['a client without a secret', () => ({ clientId: 'o' }), '/Claim', 'not-allowed'],
  ['a key that is none', () => ({ clientId: 'o', secret: 'office-broken' }), '/Claim', 'not-allowed'],
  ['a secret outside of the folder', () => ({ secret: '../office' }), '/Claim', 'not-allowed'],
  ['a path beside the Endpoint', () => ({ secret: 'office-token' }), '/../admin', 'not-allowed'],
])('6 neighbour: %s is refused before anything of a claim leaves', async (_what, way, path, code) => {
  await expect(get(opened(way()), path)).rejects.toMatchObject({ code });
  expect(seen).toEqual([]);
});
