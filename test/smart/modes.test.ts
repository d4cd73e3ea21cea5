import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorize, bearer, Browser, exchange, redirectUri, smartTest, type SmartTest } from './browser.ts';
import { tokenOf, world, type World } from './world.ts';

const scope = 'launch/patient openid fhirUser patient/*.rs';
const origin = 'https://app.example';
let open: SmartTest;
let guarded: SmartTest;
let people: World;
let guardedPeople: World;
beforeAll(async () => {
  open = await smartTest({}, { auth: 'off' });
  guarded = await smartTest({}, { registration: true });
  people = await world(open);
  guardedPeople = await world(guarded);
  for (const at of [open, guarded]) await at.client({ id: 'app', launchUri: 'https://app.example/launch' });
});
afterAll(async () => {
  await open.close();
  await guarded.close();
});

describe('off', () => {
  test('nobody needs a token, and who brings one gets what it allows', async () => {
    expect((await open.ask(`${open.base}/Patient/p2`)).status).toBe(200);
    const token = await tokenOf(open, { client: 'app', scope, account: people.patient });
    const by = bearer(token.json['access_token']);
    expect((await open.ask(`${open.base}/Patient/p1`, by)).status).toBe(200);
    expect((await open.ask(`${open.base}/Patient/p2`, by)).status).toBe(404);
    expect((await open.ask(`${open.base}/Patient/p1`, { ...by, method: 'DELETE' })).status).toBe(403);
  });

  test('a token that is none is refused, not left out', async () => {
    expect((await open.ask(`${open.base}/Patient/p1`, bearer('none'))).status).toBe(401);
  });

  test('a page of another origin needs a token; our own and discovery do not', async () => {
    for (const foreign of [origin, 'null', 'http://127.0.0.1:1']) {
      const { status, headers } = await open.ask(`${open.base}/Patient/p1`, { headers: { origin: foreign } });
      expect([status, headers['access-control-allow-origin']]).toEqual([403, undefined]);
    }
    const own = await open.ask(`${open.base}/Patient/p1`, { headers: { origin: new URL(open.base).origin } });
    expect(own.status).toBe(200);
    expect((await open.ask(`${open.base}/metadata`, { headers: { origin } })).status).toBe(200);
  });

  test('a page of another origin changes nothing by a form or a batch', async () => {
    const body = JSON.stringify({ resourceType: 'Patient', id: 'p1' });
    const sent = { method: 'PUT', body, headers: { origin, 'content-type': 'application/fhir+json' } };
    expect((await open.ask(`${open.base}/Patient/p1`, sent)).status).toBe(403);
    const simple = { method: 'POST', body, headers: { origin, 'content-type': 'text/plain' } };
    expect((await open.ask(`${open.base}/Patient`, simple)).status).toBe(403);
  });

  test('a name that points here is refused at the authorization server, too', async () => {
    const headers = { host: 'evil.example' };
    for (const path of ['/authorize', '/sign-in', '/jwks'])
      expect((await open.ask(`${open.issuer}${path}`, { headers })).status).toBe(421);
  });
});

describe('smart', () => {
  test('2.5.2 every request but discovery needs a token', async () => {
    for (const path of [
      '/Patient/p1',
      '/Patient',
      '/',
      '/_history',
      '/$import',
      '/Patient/_search',
      '/_async/1',
    ]) {
      const { status, headers } = await guarded.ask(`${guarded.base}${path}`);
      expect([path, status, headers['www-authenticate']]).toEqual([path, 401, 'Bearer realm="claimwright"']);
    }
    expect((await guarded.ask(`${new URL(guarded.base).origin}/metrics`)).status).toBe(401);
    for (const authorization of ['Basic YTpi', 'Bearer', 'Bearer a b', 'Bearer é'])
      expect(
        (
          await guarded.ask(`${guarded.base}/Patient/p1`, {
            headers: { authorization: encodeURI(authorization) },
          })
        ).status,
      ).toBe(401);
  });

  test('2.5.3 a scope that is missing is 403', async () => {
    const asked = 'launch/patient patient/Coverage.rs';
    const token = await tokenOf(guarded, { client: 'app', scope: asked, account: guardedPeople.patient });
    const { status, headers } = await guarded.ask(
      `${guarded.base}/Patient/p1`,
      bearer(token.json['access_token']),
    );
    expect(status).toBe(403);
    expect(headers['www-authenticate']).toContain('insufficient_scope');
  });

  test('figures and jobs are for those whose role lets them', async () => {
    const token = await tokenOf(guarded, {
      client: 'app',
      scope: 'user/*.rs',
      account: guardedPeople.biller,
    });
    const by = bearer(token.json['access_token']);
    expect((await guarded.ask(`${new URL(guarded.base).origin}/metrics`, by)).status).toBe(403);
    expect((await guarded.ask(`${guarded.base}/$job-status`, by)).status).toBe(403);
    const admin = await guarded.accounts.add({
      name: 'admin',
      roles: ['administrator'],
      users: ['Practitioner/biller'],
    });
    await guarded.accounts.setPassword(admin.id, 'correct horse battery');
    const his = await tokenOf(guarded, { client: 'app', scope: 'user/*.cruds', account: admin });
    const figures = await guarded.ask(
      `${new URL(guarded.base).origin}/metrics`,
      bearer(his.json['access_token']),
    );
    expect([figures.status, figures.text.includes('claimwright_requests_total')]).toEqual([200, true]);
    expect((await guarded.ask(`${guarded.base}/$job-status`, bearer(his.json['access_token']))).status).toBe(
      200,
    );
  });
});

describe('CORS', () => {
  const preflight = (at: SmartTest, headers: string, method = 'GET') =>
    at.ask(`${at.base}/Patient/p1`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': headers },
    });

  test('a preflight allows what brings a token', async () => {
    for (const at of [open, guarded]) {
      const { status, headers } = await preflight(at, 'authorization, if-match, content-type', 'PUT');
      expect(status).toBe(204);
      expect(headers['access-control-allow-origin']).toBe('*');
      expect(headers['access-control-allow-headers']).toBe('authorization, if-match, content-type');
      expect(headers['access-control-allow-methods']).toContain('PUT');
      expect(headers['access-control-allow-credentials']).toBeUndefined();
    }
  });

  test('a preflight without authorization among its headers allows nothing', async () => {
    const { headers } = await preflight(open, 'content-type', 'PUT');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  test('answers show the headers that FHIR clients need, refusals too', async () => {
    const token = await tokenOf(guarded, { client: 'app', scope, account: guardedPeople.patient });
    for (const value of [token.json['access_token'], 'none']) {
      const { headers } = await guarded.ask(`${guarded.base}/Patient/p1`, {
        headers: { origin, ...bearer(value).headers },
      });
      expect(headers['access-control-allow-origin']).toBe('*');
      for (const name of ['ETag', 'Location', 'Content-Location', 'Retry-After', 'X-Request-Id'])
        expect(headers['access-control-expose-headers']).toContain(name);
    }
  });

  test.each(['token', 'introspect', 'revoke', 'jwks', '.well-known/openid-configuration', 'register'])(
    'the endpoint %s may be asked across origins',
    async (path) => {
      const { status, headers } = await guarded.ask(`${guarded.issuer}/${path}`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization',
        },
      });
      expect([status, [origin, '*'].includes(String(headers['access-control-allow-origin']))]).toEqual([
        204,
        true,
      ]);
    },
  );
});

describe('registration', () => {
  const register = (at: SmartTest, metadata: object) =>
    at.ask(`${at.issuer}/register`, {
      body: JSON.stringify(metadata),
      headers: { 'content-type': 'application/json', origin },
    });
  const app = {
    client_name: 'Stranger',
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'none',
    scope,
  };

  test('an app registers itself where the setting allows it, and is used like any other', async () => {
    expect((await register(open, app)).status).toBe(404);
    const { status, json, headers } = await register(guarded, app);
    expect([status, json['scope'], json['client_name']]).toEqual([201, scope, 'Stranger']);
    expect(headers['access-control-allow-origin']).toBe('*');
    const client = String(json['client_id']);
    const launched = await authorize(guarded, new Browser(guarded), {
      client,
      scope,
      account: guardedPeople.patient,
    });
    expect((await exchange(guarded, client, launched)).json).toMatchObject({ scope, patient: 'p1' });
  });

  test('the secret of a confidential app is told once and kept as a hash', async () => {
    const { json } = await register(guarded, { redirect_uris: [redirectUri] });
    const kept = await guarded.context.store.records.find('Client', String(json['client_id']));
    expect(json['client_secret']).toEqual(expect.any(String));
    expect(kept?.value).not.toContain(String(json['client_secret']));
  });

  test.each([
    ['a backend service', { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }],
    ['without PKCE', { ...app, smart_version: '1' }],
    ['with roles', { ...app, roles: ['administrator'] }],
    ['as a resource server', { ...app, introspects: true }],
    ['with a redirect to a script', { ...app, redirect_uris: ['javascript:alert(1)'] }],
    ['without a redirect', { ...app, redirect_uris: [] }],
    ['with what is no object', []],
  ])('nobody registers themselves as %s', async (_name, metadata) => {
    const { status, json } = await register(guarded, metadata);
    expect(status).toBe(400);
    expect(json['error']).toMatch(/^invalid_/);
  });
});
