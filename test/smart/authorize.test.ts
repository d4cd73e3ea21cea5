import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorize, bearer, Browser, exchange, redirectUri, smartTest, type SmartTest } from './browser.ts';
import { tokenOf, world, type World } from './world.ts';

const scope = 'launch/patient openid fhirUser offline_access patient/*.rs';
let server: SmartTest;
let people: World;
beforeAll(async () => {
  server = await smartTest();
  people = await world(server);
  await server.client({ id: 'app' });
  await server.client({ id: 'first', isFirstVersion: true });
  await server.client({ id: 'narrow', scope: 'launch/patient openid fhirUser patient/Coverage.rs' });
});
afterAll(() => server.close());

const query = (over: Readonly<Record<string, string>>): string =>
  `${server.issuer}/authorize?${new URLSearchParams({
    ...{
      response_type: 'code',
      client_id: 'app',
      redirect_uri: redirectUri,
      scope,
      state: 's',
      aud: server.base,
    },
    ...{ code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' },
    ...over,
  }).toString()}`;

describe('authorize', () => {
  test.each(['', '/'])('3.3.1 an app of the first version sends no PKCE, aud ends with %p', async (end) => {
    const launched = await authorize(server, new Browser(server), {
      ...{
        client: 'first',
        scope,
        account: people.patient,
        pkce: false,
        more: { aud: `${server.base}${end}` },
      },
    });
    const form = {
      grant_type: 'authorization_code',
      code: launched.code,
      redirect_uri: redirectUri,
      client_id: 'first',
    };
    expect((await server.ask(`${server.issuer}/token`, { form })).status).toBe(200);
  });

  test('3.3.2 any other app must send PKCE with S256', async () => {
    const { location } = await server.ask(query({ code_challenge: '', code_challenge_method: '' }));
    expect(new URL(location).searchParams.get('error')).toBe('invalid_request');
    const plain = await server.ask(query({ code_challenge_method: 'plain' }));
    expect(new URL(plain.location).searchParams.get('error')).toBe('invalid_request');
  });

  test('3.3.2 neighbour: a wrong verifier gets no token', async () => {
    const launched = await authorize(server, new Browser(server), {
      client: 'app',
      scope,
      account: people.patient,
    });
    const wrong = await exchange(server, 'app', { ...launched, verifier: 'y'.repeat(43) });
    expect([wrong.status, wrong.json['error']]).toEqual([400, 'invalid_grant']);
  });

  test('3.3.2 authorize takes a form by POST', async () => {
    const token = await authorize(server, new Browser(server), {
      ...{ client: 'app', scope, account: people.patient, byPost: true },
    }).then((launched) => exchange(server, 'app', launched));
    expect(token.json).toMatchObject({ patient: 'p1', scope });
  });

  test('3.3.3 it redirects back with a code and the same state', async () => {
    const { redirect, code } = await authorize(server, new Browser(server), {
      client: 'app',
      scope,
      account: people.patient,
    });
    expect(`${redirect.origin}${redirect.pathname}`).toBe(redirectUri);
    expect([redirect.searchParams.get('state'), redirect.searchParams.get('error')]).toEqual([
      'a state',
      null,
    ]);
    expect(code).not.toBe('');
  });

  test('3.3.4 an address that is not registered is not redirected to', async () => {
    const { status, headers, text } = await server.ask(
      query({ redirect_uri: 'https://evil.example/callback' }),
      {
        headers: { accept: 'text/html' },
      },
    );
    expect([status, headers.location]).toEqual([400, undefined]);
    expect(text).toContain('not registered');
    expect(text).not.toContain('evil.example');
  });

  test.each([
    ['another server', 'https://other.example/fhir'],
    ['nothing', ''],
    ['what begins with the base', 'BASE.evil.example'],
  ])('3.3.1 neighbour: aud of %s is refused', async (_name, aud) => {
    const { location } = await server.ask(query({ aud: aud.replace('BASE', server.base) }));
    expect(new URL(location).searchParams.get('error')).toMatch(/^invalid_/);
  });

  test.each([
    'launch/patient openid fhirUser offline_access patient/*.read',
    'launch/patient openid fhirUser offline_access patient/*.rs',
    'launch/patient openid profile online_access patient/Coverage.read patient/Patient.r',
  ])('3.3.6 both spellings are granted as they were asked for: %s', async (asked) => {
    const token = await tokenOf(server, { client: 'app', scope: asked, account: people.patient });
    expect(token.json).toMatchObject({ scope: asked, patient: 'p1' });
    expect((await server.ask(`${server.base}/Patient/p1`, bearer(token.json['access_token']))).status).toBe(
      200,
    );
  });

  test('3.9.2 3.9.3 the scopes of CARIN are all granted, patient and user level together', async () => {
    const types = ['ExplanationOfBenefit', 'Coverage', 'Patient', 'Organization', 'Practitioner'];
    const levels = ['patient', 'user'].flatMap((level) => types.map((type) => `${level}/${type}.read`));
    const asked = ['openid', 'fhirUser', 'launch/patient', ...levels].join(' ');
    const launched = await authorize(server, new Browser(server), {
      ...{ client: 'first', scope: asked, account: people.patient, pkce: false },
    });
    const form = {
      grant_type: 'authorization_code',
      code: launched.code,
      redirect_uri: redirectUri,
      client_id: 'first',
    };
    const { json } = await server.ask(`${server.issuer}/token`, { form });
    expect(json['scope']).toBe(asked);
  });

  test('3.9.4 a search without a patient answers with the patient of the token', async () => {
    const token = await tokenOf(server, { client: 'app', scope, account: people.patient });
    const found = await server.ask(`${server.base}/Encounter`, bearer(token.json['access_token']));
    const { entry = [] } = found.json as { entry?: { resource: { id: string } }[] };
    expect([found.status, entry.map(({ resource }) => resource.id)]).toEqual([200, ['e-p1']]);
  });

  test('3.10.1 granular scopes are granted, and reach nothing else', async () => {
    const system = 'http://terminology.hl7.org/CodeSystem/observation-category';
    const asked = `launch/patient patient/Observation.rs?category=${system}|laboratory`;
    const token = await tokenOf(server, { client: 'app', scope: asked, account: people.patient });
    expect(token.json['scope']).toBe(asked);
    const by = bearer(token.json['access_token']);
    expect((await server.ask(`${server.base}/Observation/o-laboratory`, by)).status).toBe(200);
    expect((await server.ask(`${server.base}/Observation/o-vital-signs`, by)).status).toBe(404);
    const found = await server.ask(`${server.base}/Observation?patient=p1`, by);
    expect((found.json as { entry: unknown[] }).entry).toHaveLength(1);
    expect((await server.ask(`${server.base}/Patient/p1`, by)).status).toBe(403);
  });

  test('3.3.6 neighbour: an app gets no more than it is registered for, and what a user takes out it does not get', async () => {
    const narrow = await tokenOf(server, { client: 'narrow', scope, account: people.patient });
    expect(narrow.json['scope']).toBe('launch/patient openid fhirUser');
    const asked = 'launch/patient openid patient/Coverage.rs patient/Patient.rs';
    const token = await tokenOf(server, {
      ...{ client: 'app', scope: asked, account: people.patient, unchecked: ['patient/Coverage.rs'] },
    });
    expect(token.json['scope']).toBe('launch/patient openid patient/Patient.rs');
    expect((await server.ask(`${server.base}/Coverage`, bearer(token.json['access_token']))).status).toBe(
      403,
    );
  });

  test('3.3.6 neighbour: a user gets no scope of a system, and nothing that is none', async () => {
    const token = await tokenOf(server, {
      ...{
        client: 'app',
        account: people.patient,
        scope: 'launch/patient patient/Patient.rs system/*.rs patient/Pat.rs',
      },
    });
    expect(token.json['scope']).toBe('launch/patient patient/Patient.rs');
  });

  test('3.4.4 a biller chooses a patient and a visit', async () => {
    const browser = new Browser(server);
    const asked = 'launch/patient launch/encounter openid fhirUser patient/*.rs';
    const open = authorize(server, browser, {
      client: 'app',
      scope: asked,
      account: people.biller,
      patient: 'p2',
    });
    const launched = await open;
    expect(browser.page?.text).toContain('ambulatory');
    await browser.submit({ encounter: 'e-p2' });
    await browser.submit({ do: 'allow' });
    const code = new URL(browser.url).searchParams.get('code') ?? '';
    const token = await exchange(server, 'app', { code, verifier: launched.verifier });
    expect(token.json).toMatchObject({ patient: 'p2', encounter: 'e-p2' });
    const by = bearer(token.json['access_token']);
    expect((await server.ask(`${server.base}/Patient/p2`, by)).status).toBe(200);
    expect((await server.ask(`${server.base}/Patient/p1`, by)).status).toBe(404);
  });

  test('3.3.3 neighbour: refusing sends the app an error and no code', async () => {
    const browser = new Browser(server);
    await browser.open(query({}));
    await browser.submit({ do: 'refuse' });
    const { searchParams } = new URL(browser.url);
    expect([searchParams.get('error'), searchParams.get('state'), searchParams.get('code')]).toEqual([
      'access_denied',
      's',
      null,
    ]);
  });
});
