import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { bearer, Browser, password, smartTest, type Received, type SmartTest } from './browser.ts';
import { claimsOf, publishedKeys, Tester, type App, type Keys, type Proves } from './tester.ts';
import { world, type World } from './world.ts';

/** What a tester does with the public suites, as their code does it: each launch with each kind of app. */
const launchUri = 'https://app.example/launch';
let server: SmartTest;
let keys: Keys;
let tester: Tester;
let people: World;
const apps = new Map<string, App>();
const browsers = new Map<string, Browser>();

beforeAll(async () => {
  server = await smartTest();
  keys = await publishedKeys();
  tester = new Tester(server, keys);
  people = await world(server);
  const jwks = { jwksUri: keys.url };
  for (const isFirstVersion of [true, false])
    for (const [proves, kind] of [
      ['public', 'public'],
      ['symmetric', 'secret'],
      ['asymmetric', 'key'],
    ] as const) {
      const id = `${isFirstVersion ? 'stu1' : 'stu2'}-${proves}`;
      const made = await server.client({
        ...{ id, kind, launchUri, isFirstVersion },
        ...(kind === 'key' ? jwks : {}),
      });
      apps.set(id, { id, proves, ...(made.secret === undefined ? {} : { secret: made.secret }) });
    }
  await server.client({ id: 'service', kind: 'service', redirectUris: [], ...jwks });
  const { secret = '' } = await server.client({
    ...{ id: 'resource server', kind: 'secret', introspects: true },
  });
  apps.set('resource server', { id: 'resource server', proves: 'symmetric', secret });
  for (const name of ['patient', 'biller']) browsers.set(name, new Browser(server));
});
afterAll(async () => {
  await server.close();
  await keys.close();
});

function appOf(id: string): App {
  const app = apps.get(id);
  if (!app) throw new Error(id);
  return app;
}
function browserOf(name: string): Browser {
  const browser = browsers.get(name);
  if (!browser) throw new Error(name);
  return browser;
}

/** 3.4.2, 3.4.3: what every token answer has. */
function expectTokenAnswer({ status, headers, json }: Received): void {
  expect([status, json['error_description']]).toEqual([200, undefined]);
  expect(headers['content-type']).toMatch(/^application\/json/);
  expect(String(json['token_type']).toLowerCase()).toBe('bearer');
  expect([typeof json['access_token'], typeof json['scope']]).toEqual(['string', 'string']);
  expect(json['expires_in']).toBeGreaterThanOrEqual(300);
  expect(headers['cache-control']).toContain('no-store');
  expect(headers['pragma']).toContain('no-cache');
}

const wordsOf = (scope: unknown): Set<string> => new Set(String(scope).split(' '));

/** 3.5: the ID token verifies by what its issuer publishes, and the user that it names is read with the token. */
async function expectIdentity(app: App, json: Received['json'], type: string): Promise<void> {
  const { iss } = claimsOf(json['id_token']);
  const known = await server.ask(`${String(iss)}/.well-known/openid-configuration`);
  expect([known.status, known.json['issuer']]).toEqual([200, iss]);
  expect(known.json['id_token_signing_alg_values_supported']).toContain('RS256');
  const { payload } = await jwtVerify(
    String(json['id_token']),
    createRemoteJWKSet(new URL(String(known.json['jwks_uri']))),
    { issuer: String(iss), audience: app.id, algorithms: ['RS256'] },
  );
  expect(String(payload.sub).length).toBeLessThanOrEqual(255);
  const fhirUser = String(payload['fhirUser']);
  expect(fhirUser).toContain(`/${type}/`);
  const read = await server.ask(fhirUser, bearer(json['access_token']));
  expect([read.status, read.json['resourceType']]).toEqual([200, type]);
}

/** 3.6: without a scope, then with the whole scope that was granted; answers the last answer. */
async function refreshTwice(app: App, first: Received['json']): Promise<Received['json']> {
  let last = first;
  for (const more of [{}, { scope: String(first['scope']) }]) {
    const form = { grant_type: 'refresh_token', refresh_token: String(last['refresh_token']), ...more };
    const answer = await tester.token(app, form);
    expectTokenAnswer(answer);
    expect(wordsOf(answer.json['scope']).isSubsetOf(wordsOf(first['scope']))).toBe(true);
    last = { ...last, ...answer.json };
  }
  return last;
}

/** 3.7, 2.5.10: the token as a resource server is told of it; and one that is none. */
async function expectIntrospection(app: App, json: Received['json']): Promise<void> {
  const { headers } = await tester.proof(appOf('resource server'));
  const ask = async (token: string): Promise<Received> =>
    server.ask(await tester.endpoint('introspection'), {
      headers: { ...headers, accept: 'application/json' },
      form: { token },
    });
  const told = await ask(String(json['access_token']));
  expect([told.status, told.json['active'], told.json['client_id']]).toEqual([200, true, app.id]);
  expect(wordsOf(told.json['scope'])).toEqual(wordsOf(json['scope']));
  expect(told.json['exp']).toBeGreaterThan(Date.now() / 1000);
  expect(told.json['patient']).toBe(json['patient']);
  const { iss, sub } = claimsOf(json['id_token']);
  expect(told.json).toMatchObject({ iss, sub });
  const none = await ask('invalid_token_value');
  expect([none.status, none.json]).toEqual([200, { active: false }]);
}

const kinds: readonly Proves[] = ['public', 'symmetric', 'asymmetric'];
const standalone = (permission: string): string =>
  `launch/patient openid fhirUser offline_access patient/*.${permission}`;

describe.each<readonly [string, string, boolean, boolean]>([
  ['STU1', 'stu1', false, false],
  ['STU2', 'stu2', true, false],
  ['STU2.2', 'stu2', true, true],
])('standalone launch of %s', (name, family, pkce, byPost) => {
  const scope = standalone(name === 'STU1' ? 'read' : 'rs');
  const runs = kinds.filter((proves) => name !== 'STU1' || proves !== 'asymmetric');

  test.each(runs)(
    '2.5.10 3.3 3.4 3.5 3.6 3.7 3.9.1 app that proves itself %s, from launch to refresh',
    async (proves) => {
      const app = appOf(`${family}-${proves}`);
      const answer = await tester.launch({
        ...{ app, account: people.patient, browser: browserOf('patient'), scope, pkce, byPost },
        aud: byPost ? `${server.base}/` : server.base,
      });
      expectTokenAnswer(answer);
      expect(answer.json).toMatchObject({ patient: 'p1', scope, need_patient_banner: true });
      await expectIdentity(app, answer.json, 'Patient');
      const last = await refreshTwice(app, answer.json);
      expect(last['patient']).toBe('p1');
      await expectIntrospection(app, last);
      const found = await server.ask(`${server.base}/Observation?patient=p1`, bearer(last['access_token']));
      expect([found.status, found.json['entry']]).toEqual([200, [expect.anything(), expect.anything()]]);
    },
  );
});

describe.each<readonly [string, string, boolean, string]>([
  ['STU1', 'stu1', false, 'launch openid fhirUser offline_access user/*.read'],
  ['STU2', 'stu2', true, 'launch openid fhirUser offline_access patient/*.rs'],
  ['STU2.2', 'stu2', true, 'launch launch/encounter openid fhirUser offline_access patient/*.rs user/*.rs'],
])('EHR launch of %s', (name, family, pkce, scope) => {
  const runs = kinds.filter((proves) => name !== 'STU1' || proves !== 'asymmetric');

  test.each(runs)(
    '3.3.5 3.4 3.5 3.6 3.7 app that proves itself %s, from launch to refresh',
    async (proves) => {
      const app = appOf(`${family}-${proves}`);
      const browser = browserOf('biller');
      await browser.open(`${server.issuer}/apps`);
      if (browser.page?.text.includes('value="sign-in"') === true)
        await browser.submit({ do: 'sign-in' }, { name: 'biller', password });
      await browser.open(`${server.issuer}/apps`, {
        form: { ...proofOf(browser), do: 'open', client: app.id },
      });
      const opened = new URL(browser.url);
      expect([opened.origin + opened.pathname, opened.searchParams.get('iss')]).toEqual([
        launchUri,
        server.base,
      ]);
      const answer = await tester.launch({
        ...{ app, account: people.biller, browser, scope, pkce, patient: 'p2', byPost: name === 'STU2.2' },
        ...(scope.includes('launch/encounter') ? { encounter: 'e-p2' } : {}),
        launch: opened.searchParams.get('launch') ?? '',
        aud: opened.searchParams.get('iss') ?? '',
      });
      expectTokenAnswer(answer);
      expect(answer.json).toMatchObject({
        scope,
        ...(scope.includes('patient/') ? { patient: 'p2' } : {}),
        ...(scope.includes('launch/encounter') ? { encounter: 'e-p2' } : {}),
      });
      if (scope.includes('user/')) await expectIdentity(app, answer.json, 'Practitioner');
      await expectIntrospection(app, await refreshTwice(app, answer.json));
    },
  );
});

const proofOf = ({ page }: Browser): { readonly proof: string } => ({
  proof: /name="proof" value="([^"]+)"/.exec(page?.text ?? '')?.[1] ?? '',
});

describe('backend services', () => {
  test.each(['ES384', 'RS384'] as const)('3.8.1 3.8.3 a token by %s, and another later', async (alg) => {
    for (const scope of ['system/*.read', 'system/*.rs']) {
      const answer = await server.ask(await tester.endpoint('token'), {
        form: { grant_type: 'client_credentials', scope, ...(await tester.assertion('service', {}, alg)) },
      });
      expectTokenAnswer(answer);
      expect(answer.json['scope']).toBe(scope);
      const read = await server.ask(`${server.base}/Patient/p1`, bearer(answer.json['access_token']));
      expect(read.status).toBe(200);
    }
  });

  test.each<readonly [string, Readonly<Record<string, string>>, readonly number[]]>([
    ['2.5.9 3.8.2 an invalid grant_type', { grant_type: 'not_a_grant_type' }, [400]],
    [
      '3.8.2 an invalid client_assertion_type',
      { client_assertion_type: 'not_an_assertion_type' },
      [400, 401],
    ],
    [
      '2.5.9 3.8.2 an invalid JWT',
      { client_assertion_type: 'not_an_assertion_type', client_assertion: 'not_a_jwt' },
      [400, 401],
    ],
    ['2.5.9 an invalid JWT of the right type', { client_assertion: 'not_a_jwt' }, [400, 401]],
  ])('%s is refused', async (_name, over, statuses) => {
    const answer = await server.ask(await tester.endpoint('token'), {
      form: {
        ...{ grant_type: 'client_credentials', scope: 'system/*.read' },
        ...{ ...(await tester.assertion('service')), ...over },
      },
    });
    expect(statuses).toContain(answer.status);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(typeof answer.json['error']).toBe('string');
    expect(answer.text).not.toContain('access_token"');
  });
});
