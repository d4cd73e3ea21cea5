import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
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
import { world, type World } from './world.ts';

/** Tokens, codes and signatures that are another's, old, altered or made up. */
const scope = 'launch/patient openid fhirUser offline_access patient/*.rs';
let server: SmartTest;
let people: World;
let browser: Browser;
let clock = 0; // milliseconds that the server's clock is ahead
const lines: string[] = [];

beforeAll(async () => {
  const keep = (line: unknown): void => void lines.push(JSON.stringify(line));
  const log = { wants: () => true, debug: keep, info: keep, error: keep, flush: () => undefined };
  server = await smartTest({ now: () => new Date(Date.now() + clock).toISOString() }, { log });
  people = await world(server);
  for (const id of ['app', 'other']) await server.client({ id });
  await server.client({ id: 'confidential', kind: 'secret', secret: 'a secret of the app' });
  browser = new Browser(server);
});
afterAll(() => server.close());

const tokenOf = async (client = 'app'): Promise<Received['json']> => {
  const launched = await authorize(server, browser, { client, scope, account: people.patient });
  return (await exchange(server, client, launched)).json;
};
const statusWith = async (authorization: string): Promise<number> =>
  (await server.ask(`${server.base}/Patient/p1`, { headers: { authorization } })).status;
const askToken = (form: Readonly<Record<string, string>>, headers = {}): Promise<Received> =>
  server.ask(`${server.issuer}/token`, { form, headers });

describe('tokens at FHIR', () => {
  test('D attack: what is no access token opens nothing, and the refusal is one and the same', async () => {
    const token = await tokenOf();
    const launched = await authorize(server, browser, { client: 'app', scope, account: people.patient });
    const access = String(token['access_token']);
    const parts = String(token['id_token']).split('.');
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${parts[1] ?? ''}.`;
    const wrong = [
      ...[token['id_token'], token['refresh_token'], launched.code, unsigned],
      ...[access.slice(0, -1), `${access}A`, access.toLowerCase(), `${access.slice(0, -1)}~`, '__proto__'],
      ...['constructor', 'null', 'undefined', '0', 'a'.repeat(7000), '../../AccessToken'],
    ];
    expect(await statusWith(`Bearer ${access}`)).toBe(200);
    const answers = new Set<string>();
    for (const one of wrong) {
      const { status, text, headers } = await server.ask(`${server.base}/Patient/p1`, bearer(one));
      answers.add(`${status} ${text} ${String(headers['www-authenticate'])}`);
    }
    expect([...answers]).toEqual([expect.stringMatching(/^401 .*error="invalid_token"$/)]);
  });

  test('D attack: a token counts in its header only, and only once', async () => {
    const access = String((await tokenOf())['access_token']);
    const url = `${server.base}/Patient/p1`;
    expect((await server.ask(`${url}?access_token=${access}`)).status).toBe(401);
    expect((await server.ask(url, { headers: { cookie: `access_token=${access}` } })).status).toBe(401);
    const form = { access_token: access };
    expect((await server.ask(`${server.base}/Patient/_search`, { form })).status).toBe(401);
    for (const header of [
      ...['', 'Bearer', `Basic ${access}`, `Bearer x, Bearer ${access}`, `Bearer ${access}, Bearer x`],
      ...[`Bearer "${access}"`, `Bearer\t${access}`, access, `Bearer ${access} ${access}`],
    ])
      expect([header, await statusWith(header)]).toEqual([header, 401]);
  });

  test('D attack: a token that has expired is refused, also where the server remembers it', async () => {
    const access = String((await tokenOf())['access_token']);
    expect(await statusWith(`Bearer ${access}`)).toBe(200);
    clock = 3601_000;
    expect(await statusWith(`Bearer ${access}`)).toBe(401);
    clock = 0;
  });

  test('D attack: cookies of a session open no FHIR', async () => {
    const { page } = browser;
    const cookie = (page?.headers['set-cookie'] as string[] | undefined)?.join('; ') ?? 'claimwright=x';
    expect((await server.ask(`${server.base}/Patient/p1`, { headers: { cookie } })).status).toBe(401);
    await browser.open(`${server.base}/Patient/p1`);
    expect(browser.page?.status).toBe(401);
  });
});

describe('mixed-up clients', () => {
  test.each([
    ['a code', (launched: { code: string; verifier: string }) => exchange(server, 'other', launched)],
    [
      'a code with another redirect address',
      ({ code, verifier }: { code: string; verifier: string }) =>
        askToken({
          ...{ grant_type: 'authorization_code', code, code_verifier: verifier, client_id: 'app' },
          redirect_uri: `${redirectUri}/other`,
        }),
    ],
    [
      'a code by two clients at once',
      ({ code, verifier }: { code: string; verifier: string }) =>
        askToken(
          {
            ...{ grant_type: 'authorization_code', code, code_verifier: verifier, client_id: 'app' },
            redirect_uri: redirectUri,
          },
          { authorization: `Basic ${btoa('confidential:a%20secret%20of%20the%20app')}` },
        ),
    ],
  ] as const)('D attack: %s gives no token', async (_name, send) => {
    const launched = await authorize(server, browser, { client: 'app', scope, account: people.patient });
    const { status, json } = await send(launched);
    expect([400, 401]).toContain(status);
    expect(json['error']).toMatch(/^invalid_(?:grant|request|client)$/);
    expect(json['access_token']).toBeUndefined();
  });

  test('D attack: the refresh token of another app, an access token or a code refreshes nothing', async () => {
    const token = await tokenOf();
    const { code } = await authorize(server, browser, { client: 'app', scope, account: people.patient });
    for (const [client_id, refresh_token] of [
      ['other', token['refresh_token']],
      ['app', token['access_token']],
      ['app', token['id_token']],
      ['app', code],
      ['app', '__proto__'],
    ] as const) {
      const form = { grant_type: 'refresh_token', client_id, refresh_token: String(refresh_token) };
      expect((await askToken(form)).json['error']).toBe('invalid_grant');
    }
  });

  test('D attack: a refresh asks for more and gets no more, in any spelling', async () => {
    const refresh = String((await tokenOf())['refresh_token']);
    for (const more of [
      'patient/*.cruds',
      'user/*.rs',
      'system/*.rs',
      'patient/Patient.rs',
      'patient/__proto__.rs',
    ]) {
      const form = { grant_type: 'refresh_token', client_id: 'app', refresh_token: refresh };
      const answer = await askToken({ ...form, scope: `${scope} ${more}` });
      expect([answer.status, answer.json['error'], answer.json['access_token']]).toEqual([
        ...[400, 'invalid_scope', undefined],
      ]);
    }
  });

  test('D attack: a refresh token used again takes back every token of its family', async () => {
    const first = await tokenOf();
    const form = {
      grant_type: 'refresh_token',
      client_id: 'app',
      refresh_token: String(first['refresh_token']),
    };
    const second = (await askToken(form)).json;
    expect(await statusWith(`Bearer ${String(second['access_token'])}`)).toBe(200);
    expect((await askToken(form)).json['error']).toBe('invalid_grant');
    for (const { access_token: access } of [first, second])
      expect(await statusWith(`Bearer ${String(access)}`)).toBe(401);
    const next = { ...form, refresh_token: String(second['refresh_token']) };
    expect((await askToken(next)).json['error']).toBe('invalid_grant');
  });

  test('D attack: one way to say who the client is, and the right one', async () => {
    const basic = (text: string): { authorization: string } => ({ authorization: `Basic ${btoa(text)}` });
    const form = { grant_type: 'refresh_token', refresh_token: 'x' };
    const secret = 'a secret of the app';
    for (const [body, headers] of [
      [{ client_id: 'confidential' }, {}],
      [{ client_id: 'confidential', client_secret: 'wrong' }, {}],
      [{ client_id: 'confidential', client_secret: '' }, {}],
      [{ client_id: 'app', client_secret: secret }, basic(`confidential:${secret}`)],
      [{}, basic('confidential:')],
      [{}, basic('confidential')],
      [{}, basic('__proto__:x')],
      [{}, { authorization: 'Basic !!!' }],
      [{}, basic('app:')],
    ] as const) {
      const { status, json } = await askToken({ ...form, ...body }, headers);
      expect([JSON.stringify(body), json['error']]).toEqual([
        JSON.stringify(body),
        expect.stringMatching(/^invalid_(?:client|request)$/),
      ]);
      expect([400, 401]).toContain(status);
    }
  });
});

test('D attack: neither a token nor a code, secret or assertion is in the log', () => {
  const text = lines.join('\n');
  expect(lines.length).toBeGreaterThan(80);
  expect(text).not.toMatch(/eyJ|Bearer|Basic|a secret|callback|[A-Za-z0-9_-]{43}/);
});
