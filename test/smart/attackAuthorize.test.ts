import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorize, Browser, exchange, redirectUri, smartTest, type SmartTest } from './browser.ts';
import { world, type World } from './world.ts';

/** What an attacker sends to the authorization endpoint and its pages: nothing comes of it. */
const scope = 'launch/patient openid fhirUser patient/*.rs';
const nativeUri = 'com.example.app:/callback';
let server: SmartTest;
let people: World;
let signedIn: Browser; // of the patient p1
const lines: string[] = [];

beforeAll(async () => {
  const keep = (line: unknown): void => void lines.push(JSON.stringify(line));
  const log = { wants: () => true, debug: keep, info: keep, error: keep, flush: () => undefined };
  server = await smartTest({}, { log });
  people = await world(server);
  await server.client({ id: 'app' });
  await server.client({ id: 'native', redirectUris: [nativeUri, 'http://127.0.0.1/done'], isNative: true });
  await server.client({ id: 'narrow', scope: 'launch/patient patient/Patient.r' });
  signedIn = new Browser(server);
  await authorize(server, signedIn, { client: 'app', scope, account: people.patient });
});
afterAll(() => server.close());

const sound = (): Record<string, string> => ({
  ...{ response_type: 'code', client_id: 'app', redirect_uri: redirectUri, scope, state: 's' },
  ...{ aud: server.base, code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' },
});

describe('redirect tricks', () => {
  test.each([
    'https://app.example/callback/',
    'https://app.example/callback/../evil',
    'https://app.example/callback?next=https://evil.example',
    'https://app.example/callback#x',
    'https://app.example:444/callback',
    'https://app.example@evil.example/callback',
    'https://app.example.evil.example/callback',
    'https://evil.example/callback',
    'http://app.example/callback',
    'HTTPS://APP.example/callback',
    'https://app.example/%63allback',
    'https://app.example%2f@evil.example/callback',
    '//app.example/callback',
    'https://app.example/callback ',
    'https://app.example\\@evil.example/callback',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://127.0.0.1/callback',
    nativeUri,
  ])('D attack: a redirect to %p leads nowhere', async (uri) => {
    for (const more of [
      {},
      { response_mode: 'form_post' },
      { scope: 'nothing' },
      { aud: 'https://x.example' },
    ]) {
      const query = new URLSearchParams({ ...sound(), redirect_uri: uri, ...more });
      const { status, location, text } = await server.ask(`${server.issuer}/authorize?${query.toString()}`);
      expect([status, location]).toEqual([400, '']);
      expect(text).not.toContain('evil');
    }
  });

  test('D attack: of two redirect addresses none gets a code, and only the registered one is told', async () => {
    for (const [first, second] of [
      [redirectUri, 'https://evil.example/'],
      ['https://evil.example/', redirectUri],
      ['https://evil.example/', 'https://evil.example/'],
    ] as const) {
      const query = new URLSearchParams({ ...sound(), redirect_uri: first });
      query.append('redirect_uri', second);
      await signedIn.open(`${server.issuer}/authorize?${query.toString()}`);
      expect(signedIn.page?.location ?? '').not.toContain('evil');
      expect(signedIn.page?.location ?? '').not.toContain('code=');
    }
  });

  test.each([
    'com.example.app:/callback/other',
    'com.example.app://evil.example/callback',
    'com.example.other:/callback',
    'http://localhost/done',
    'http://127.0.0.1.evil.example/done',
    'http://127.0.0.1:80/other',
  ])('D attack: %p is not the address of the native app', async (uri) => {
    const query = new URLSearchParams({ ...sound(), client_id: 'native', redirect_uri: uri });
    const { status, location } = await server.ask(`${server.issuer}/authorize?${query.toString()}`);
    expect([status, location]).toEqual([400, '']);
  });

  test('D attack: an answer says who it is from, so that an app that talks to two servers can tell', async () => {
    const { redirect } = await authorize(server, signedIn, { client: 'app', scope, account: people.patient });
    expect(redirect.searchParams.get('iss')).toBe(server.issuer);
    const query = new URLSearchParams({ ...sound(), aud: 'https://other.example/fhir' });
    const { location } = await server.ask(`${server.issuer}/authorize?${query.toString()}`);
    expect(new URL(location).searchParams.get('iss')).toBe(server.issuer);
  });
});

describe('requests that are none', () => {
  test.each<readonly [string, Readonly<Record<string, string>>, string]>([
    ['a token without a code', { response_type: 'token' }, 'unsupported_response_type'],
    [
      'an ID token without a code',
      { response_type: 'id_token token', nonce: 'n' },
      'unsupported_response_type',
    ],
    ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['PKCE without its method', { code_challenge_method: '' }, 'invalid_request'],
    ['a short challenge', { code_challenge: 'x' }, 'invalid_request'],
    ['a request object', { request: 'eyJhbGciOiJub25lIn0.e30.' }, 'request_not_supported'],
    ['a request object at a URL', { request_uri: 'http://127.0.0.1:1/x' }, 'request_uri_not_supported'],
    ['registration by URL', { registration: '{}' }, 'registration_not_supported'],
    ['another server', { aud: 'https://other.example/fhir' }, 'invalid_request'],
    ['a path of this server', { aud: '/fhir' }, 'invalid_request'],
    ['another resource', { resource: 'https://other.example/fhir' }, 'invalid_target'],
    ['no scope that is one', { scope: 'patient/__proto__.rs patient/constructor.read' }, 'invalid_scope'],
    ['scopes of a system', { scope: 'system/*.cruds' }, 'invalid_scope'],
    ['a scope of a method of objects', { scope: 'patient/Patient.constructor toString' }, 'invalid_scope'],
  ])('D attack: asking for %s is refused', async (_name, over, error) => {
    const query = new URLSearchParams({ ...sound(), ...over });
    const { status, location } = await server.ask(`${server.issuer}/authorize?${query.toString()}`);
    expect([302, 303]).toContain(status);
    const url = new URL(location);
    const answer = new URLSearchParams(url.hash === '' ? url.search : url.hash.slice(1));
    expect([url.origin, answer.get('error'), answer.get('code')]).toEqual([
      'https://app.example',
      error,
      null,
    ]);
  });

  test.each([
    '__proto__',
    'constructor',
    'toString',
    'nobody',
    '../app',
    'app\u0000',
    'a'.repeat(4000),
    '$ne',
  ])('D attack: the client %p is unknown', async (id) => {
    const query = new URLSearchParams({ ...sound(), client_id: id });
    const { status, location } = await server.ask(`${server.issuer}/authorize?${query.toString()}`);
    expect([status, location]).toEqual([400, '']);
    const form = { grant_type: 'authorization_code', code: 'x', client_id: id, redirect_uri: redirectUri };
    const answer = await server.ask(`${server.issuer}/token`, { form });
    expect([answer.status, answer.json['error']]).toEqual([401, 'invalid_client']);
  });

  test('D attack: a state with line breaks makes no header of its own', async () => {
    const state = 's\r\nSet-Cookie: a=b\r\n\r\n<script>';
    const query = new URLSearchParams({ ...sound(), state, prompt: 'none' });
    const { status, location, headers } = await server.ask(`${server.issuer}/authorize?${query.toString()}`);
    expect([302, 303]).toContain(status);
    expect(new URL(location).searchParams.get('state')).toBe(state);
    expect(String(headers['set-cookie'] ?? '')).not.toContain('a=b');
  });

  test('D attack: a Host or a proxy header that lies leads nobody elsewhere', async () => {
    const query = new URLSearchParams(sound());
    const lies = {
      ...{ host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
      forwarded: 'host=evil.example',
    };
    for (const path of [`authorize?${query.toString()}`, '.well-known/openid-configuration', 'apps']) {
      const { headers, text, location } = await server.ask(`${server.issuer}/${path}`, { headers: lies });
      expect(`${text}${location}${String(headers['set-cookie'] ?? '')}`).not.toContain('evil');
    }
  });
});

describe('scope escalation', () => {
  test('D attack: the page of consent gives no scope that was not asked for or is not registered', async () => {
    const wide = 'patient/*.cruds user/*.cruds system/*.cruds offline_access';
    const browser = new Browser(server);
    const query = new URLSearchParams({
      ...sound(),
      client_id: 'narrow',
      scope: 'launch/patient patient/Patient.r',
    });
    await browser.open(`${server.issuer}/authorize?${query.toString()}`);
    await browser.submit({ do: 'sign-in' }, { name: 'one', password: 'correct horse battery' });
    await browser.submit({ do: 'allow' }, { scope: ['launch/patient patient/Patient.r', wide] });
    const code = new URL(browser.url).searchParams.get('code') ?? '';
    expect(code).not.toBe('');
    const grants = (await server.context.store.records.list('Grant', { count: 100 }))
      .map(({ value }) => value)
      .filter((value) => value.includes('"narrow"'));
    expect(grants).toHaveLength(1);
    expect(grants.join()).not.toMatch(/cruds|offline_access|user\/|system\//);
    const { redirect, ...launched } = await authorize(server, browser, {
      ...{ client: 'narrow', scope: `launch/patient patient/Patient.r ${wide}`, account: people.patient },
    });
    expect(redirect.searchParams.get('error')).toBeNull();
    const token = await exchange(server, 'narrow', launched);
    expect([token.json['scope'], token.json['refresh_token']]).toEqual([
      'launch/patient patient/Patient.r',
      undefined,
    ]);
  });

  test('D attack: a patient chosen in the form is one whom the user sees', async () => {
    const browser = new Browser(server);
    await browser.open(`${server.issuer}/authorize?${new URLSearchParams(sound()).toString()}`);
    await browser.submit({ do: 'sign-in' }, { name: 'one', password: 'correct horse battery' });
    await browser.submit({ do: 'allow' }, { patient: 'p2' });
    expect(new URL(browser.url).searchParams.get('code')).not.toBeNull();
    const records = await server.context.store.records.list('launch-context', { count: 100 });
    expect(records.map(({ value }) => JSON.parse(value) as unknown)).not.toContainEqual(
      expect.objectContaining({ patient: 'p2' }),
    );
  });

  test('D attack: a launch that is unknown, made up or a key of objects is refused', async () => {
    for (const launch of ['x', '__proto__', 'constructor', '{"patient":"p2"}', '']) {
      const { redirect } = await authorize(server, signedIn, {
        ...{ client: 'app', scope: `launch ${scope}`, account: people.patient, more: { launch } },
      });
      expect([launch, redirect.searchParams.get('error'), redirect.searchParams.get('code')]).toEqual([
        ...[launch, launch === '' ? null : 'invalid_request', launch === '' ? expect.any(String) : null],
      ]);
    }
  });
});

test('D attack: the log holds no code, state, name, password or address of an app', () => {
  const text = lines.join('\n');
  expect(lines.length).toBeGreaterThan(50);
  expect(text).not.toMatch(
    /correct horse|evil|callback|code_challenge|state=|"one"|launch\/patient|Set-Cookie/,
  );
});
