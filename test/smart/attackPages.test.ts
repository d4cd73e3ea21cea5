import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Accounts } from '../../src/http/smart/accounts.ts';
import { makeLink } from '../../src/http/smart/links.ts';
import { isLong } from '../runs.ts';
import {
  bearer,
  Browser,
  password,
  redirectUri,
  smartTest,
  type Received,
  type SmartTest,
} from './browser.ts';
import { tokenOf, world, type World } from './world.ts';

/** What attackers do to the pages, to sign-in and to registration. */
const scope = 'launch/patient openid fhirUser patient/*.rs';
let server: SmartTest;
let people: World;
const lines: string[] = [];

beforeAll(async () => {
  const keep = (line: unknown): void => void lines.push(JSON.stringify(line));
  const log = { wants: () => true, debug: keep, info: keep, error: keep, flush: () => undefined };
  server = await smartTest({}, { log, registration: true });
  people = await world(server);
  await server.client({ id: 'app', launchUri: 'https://app.example/launch' });
});
afterAll(() => server.close());

const begin = async (): Promise<Browser> => {
  const browser = new Browser(server);
  const query = new URLSearchParams({
    ...{ response_type: 'code', client_id: 'app', redirect_uri: redirectUri, scope, state: 's' },
    ...{ aud: server.base, code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' },
  });
  await browser.open(`${server.issuer}/authorize?${query.toString()}`);
  return browser;
};
const proofOn = ({ page }: Browser): string =>
  /name="proof" value="([^"]+)"/.exec(page?.text ?? '')?.[1] ?? '';

describe('consent', () => {
  test('D attack: a link, a form without its proof, one of another step or another browser allows nothing', async () => {
    const [victim, attacker] = [await begin(), await begin()];
    await victim.submit({ do: 'sign-in' }, { name: 'one', password });
    await attacker.submit({ do: 'sign-in' }, { name: 'biller', password });
    const step = new URL(victim.url);
    const form = { do: 'allow', scope, proof: proofOn(attacker) };
    expect(
      (await victim.open(`${step.href}?do=allow&scope=patient/*.rs&proof=${proofOn(victim)}`)).text,
    ).toContain('value="allow"');
    for (const sent of [
      { form },
      { form: { do: 'allow', scope } },
      { form: { ...form, proof: proofOn(victim) }, headers: { origin: 'https://evil.example' } },
      { form: { ...form, proof: proofOn(victim) }, headers: { origin: 'null' } },
      { form: { ...form, proof: proofOn(victim) }, headers: { 'sec-fetch-site': 'same-site' } },
      {
        body: JSON.stringify({ ...form, proof: proofOn(victim) }),
        headers: { 'content-type': 'text/plain' },
      },
    ])
      expect([400, 403]).toContain((await victim.open(step.pathname, sent)).status);
    const own = { form: { ...form, proof: proofOn(await begin()) } };
    expect((await attacker.open(step.pathname, own)).status).toBe(400);
    expect(await server.context.store.records.list('Grant', { count: 10 })).toEqual([]);
  });

  test('D attack: no page and no answer of the authorization server is framed', async () => {
    const browser = await begin();
    const pages: Received[] = [browser.page ?? (await browser.open('/'))];
    for (const path of [
      'sign-in',
      'apps',
      'authorize',
      'link/x',
      'step/x',
      'nothing',
      'jwks',
      'token',
      'end',
    ])
      pages.push(await server.ask(`${server.issuer}/${path}`));
    for (const { headers } of pages) {
      expect(headers['x-frame-options'] ?? headers['content-security-policy']).toMatch(
        /DENY|frame-ancestors 'none'/,
      );
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  test('D attack: a session that somebody else set before the sign-in is none after it', async () => {
    const browser = new Browser(server);
    await browser.open(`${server.issuer}/sign-in`);
    const former = 'claimwright=fixed; claimwright.sig=fixed';
    const form = { do: 'sign-in', name: 'one', password, proof: proofOn(browser) };
    const { headers } = await server.ask(`${server.issuer}/sign-in`, { form, headers: { cookie: former } });
    const set = String(headers['set-cookie']);
    expect(set).toMatch(/claimwright=[A-Za-z0-9_-]{20,};/);
    expect(set).not.toContain('fixed');
    expect(set).toMatch(/HttpOnly/i);
    expect(set).toMatch(/SameSite=Lax/i);
  });
});

describe('sign-in', () => {
  const triedIn = async (name: string, wrong: string): Promise<readonly [string, number]> => {
    const start = performance.now();
    const { is } = await server.accounts.signIn(name, wrong);
    return [is, performance.now() - start];
  };

  test('D attack: a thousand wrong passwords are ten tries; a name that there is not is answered alike, and as late', async () => {
    const { id } = await server.accounts.add({ name: 'target', roles: ['patient'], users: ['Patient/p2'] });
    const { now, store } = server.context;
    await new Accounts({ records: store.records, now }).setPassword(id, password); // with the work of the server's own
    await server.accounts.signIn('warm up', 'x'); // makes the hash of nobody
    const [target, nobody]: [number[], number[]] = [[], []];
    const said: string[] = [];
    for (let i = 0; i < (isLong ? 1000 : 40); i++) {
      const name = ['target', 'Target', ' target ', 'ＴＡＲＧＥＴ'][i % 4] ?? '';
      const [is, took] = await triedIn(name, `wrong password ${i}`);
      said.push(is);
      if (i < 10) target.push(took);
      if (i >= 3 && i < 6) nobody.push((await triedIn('nobody', 'wrong'))[1]);
    }
    expect(said).toEqual(said.map((_is, i) => (i < 10 ? 'wrong' : 'waiting')));
    expect((await server.accounts.signIn('target', password)).is).toBe('waiting');
    expect((await server.accounts.signIn('biller', password)).is).toBe('account');
    const { records } = server.context.store;
    const tries = await records.find('password-tries', 'nobody');
    expect(tries?.value).toBe('3');
    if (tries) await records.keep({ ...tries, value: '9' });
    expect([(await triedIn('nobody', 'x'))[0], (await triedIn('nobody', 'x'))[0]]).toEqual([
      'wrong',
      'waiting',
    ]);
    const ratio = Math.min(...target) / Math.min(...nobody); // others use the machine too: the quickest tells
    expect(ratio).toBeGreaterThan(0.2); // without the work of a hash it would be a hundredth, or hundred times
    expect(ratio).toBeLessThan(5);
  });

  test.each(['__proto__', '{"$ne":null}', 'one\u0000', 'a'.repeat(60_000)])(
    'D attack: the name %p signs nobody in',
    async (name) => {
      const browser = await begin();
      const { status, text } = await browser.submit({ do: 'sign-in' }, { name, password });
      expect(status).toBe(400);
      expect(text).toContain('value="sign-in"');
    },
  );

  test('D attack: links that are unknown, used, expired or of the demo are answered alike', async () => {
    const { records } = server.context.store;
    const of = { account: people.patient.id } as const;
    const demo = await makeLink(records, server.context.now, { purpose: 'demo', ...of });
    const old = await makeLink(records, () => '2020-01-01T00:00:00Z', { purpose: 'password', ...of });
    const answers = new Set<string>();
    for (const value of ['x'.repeat(43), demo, old]) {
      const { status, text } = await server.ask(`${server.issuer}/link/${value}`);
      answers.add(`${status} ${text.replaceAll(value, '')}`);
    }
    expect(answers.size).toBe(1);
    expect([...answers][0]).toMatch(/^404 /);
  });
});

describe('registration by a stranger', () => {
  const register = (metadata: unknown): Promise<Received> =>
    server.ask(`${server.issuer}/register`, {
      body: typeof metadata === 'string' ? metadata : JSON.stringify(metadata),
      headers: { 'content-type': 'application/json' },
    });
  const app = { redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' };

  test.each<readonly [string, unknown]>([
    ['a number as scope', { ...app, scope: 5 }],
    ['a list as scope', { ...app, scope: ['patient/*.rs'] }],
    ['an object as scope', { ...app, scope: { split: 1 } }],
    ['a script as launch address', { ...app, launch_uri: 'javascript:alert(1)' }],
    ['plain http as launch address', { ...app, launch_uri: 'http://app.example/launch' }],
    ['no address as launch address', { ...app, launch_uri: 5 }],
    ['its scope under the name of the store', { ...app, smart_scope: 7 }],
    [
      'a symmetric key',
      { ...app, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ kty: 'oct', k: 'eA' }] } },
    ],
    [
      'a file as key address',
      { ...app, token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'file:///etc/passwd' },
    ],
    [
      'no algorithm for signing',
      {
        ...app,
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'none',
        jwks: { keys: [] },
      },
    ],
    ['an implicit grant', { ...app, grant_types: ['implicit'], response_types: ['token'] }],
    ['a password grant', { ...app, grant_types: ['password'] }],
    ['a redirect with a fragment', { ...app, redirect_uris: ['https://a.example/#x'] }],
    ['a redirect by plain http', { ...app, redirect_uris: ['http://a.example/'] }],
    ['a redirect to data', { ...app, redirect_uris: ['data:text/html,x'] }],
    ['a request without end of its braces', '{"redirect_uris":['],
    ['null', 'null'],
    ['very deep JSON', '['.repeat(30_000) + ']'.repeat(30_000)],
    ['very long JSON', JSON.stringify({ ...app, client_name: 'x'.repeat(200_000) })],
  ])('D attack: %s is refused', async (_name, metadata) => {
    const { status } = await register(metadata);
    expect([400, 413]).toContain(status);
  });

  test('D attack: keys of the prototype give a stranger nothing', async () => {
    const more = { roles: ['administrator'], introspects: true, smart_version: '1', practices: ['practice'] };
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      const text = JSON.stringify({ ...app, scope }).replace(/}$/, `,"${name}":${JSON.stringify(more)}}`);
      const { status, json } = await register(text);
      if (status === 201) {
        const kept = await server.context.store.records.find('Client', String(json['client_id']));
        expect(kept?.value).not.toMatch(/administrator|introspects|smart_version|practices/);
      } else expect(status).toBe(400);
    }
    expect(Reflect.get({}, 'roles')).toBeUndefined();
  });

  test('D attack: nobody takes the id of an app, and nobody reads or changes the registration of another', async () => {
    const { json } = await register({ ...app, client_id: 'app', client_name: 'Impostor' });
    expect(json['client_id']).not.toBe('app');
    const other = (await register(app)).json;
    const url = `${server.issuer}/register/${String(other['client_id'])}`;
    const by = { headers: { authorization: `Bearer ${String(json['registration_access_token'])}` } };
    expect((await server.ask(url, by)).status).toBe(401);
    for (const method of ['PUT', 'DELETE'])
      expect((await server.ask(url, { ...by, method, body: '{}' })).status).toBeGreaterThanOrEqual(400);
    expect((await server.ask(`${server.issuer}/register/app`, by)).status).toBe(401);
  });
});

describe('bodies', () => {
  test('D attack: a packed body is not unpacked by the authorization server', async () => {
    const body = gzipSync(Buffer.alloc(20_000_000, 97)).toString('latin1');
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-encoding': 'gzip' };
    for (const path of ['token', 'introspect', 'revoke', 'authorize', 'sign-in', 'register']) {
      const { status } = await server.ask(`${server.issuer}/${path}`, { body, headers, method: 'POST' });
      expect([path, [400, 401, 403, 413, 415].includes(status)]).toEqual([path, true]);
    }
  });

  test('D attack: a form that is very long is refused before it is read', async () => {
    for (const path of ['token', 'introspect', 'revoke', 'authorize', 'sign-in']) {
      const { status } = await server.ask(`${server.issuer}/${path}`, { form: { x: 'y'.repeat(300_000) } });
      expect([path, [400, 401, 413].includes(status)]).toEqual([path, true]);
    }
  });

  test('D attack: a zip bomb with the token of a patient is refused', async () => {
    const { json } = await tokenOf(server, { client: 'app', scope, account: people.patient });
    const bomb = gzipSync(Buffer.alloc(60_000_000, 32));
    const status = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(server.base).port), '127.0.0.1');
      socket.write(
        `POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/fhir+json\r\n` +
          `Content-Encoding: gzip\r\nAuthorization: ${bearer(json['access_token']).headers.authorization}\r\n` +
          `Content-Length: ${bomb.length}\r\n\r\n`,
      );
      socket.write(bomb);
      socket.once('data', (data) => {
        resolve(data.toString().slice(9, 12));
        socket.destroy();
      });
      socket.on('error', reject);
    });
    expect(['403', '413']).toContain(status);
  });
});

test('D attack: paths that are made up leave no names in the log or in the figures', async () => {
  for (const path of [
    'secretname',
    'step/secretname',
    'link/secretname',
    '.well-known/secretname',
    'authorize/secretname',
  ])
    await server.ask(`${server.issuer}/${path}`);
  const text = lines.join('\n');
  expect(lines.length).toBeGreaterThan(60);
  expect(text).not.toMatch(/secretname|correct horse|wrong password|administrator|javascript|"error"|stack/);
});
