import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { makeLink } from '../../src/http/smart/links.ts';
import { codeAt } from '../../src/http/smart/oneTimeCode.ts';
import { eachStore } from '../http/eachStore.ts';
import {
  authorize,
  bearer,
  Browser,
  exchange,
  password,
  smartTest,
  type Received,
  type SmartTest,
} from './browser.ts';
import { until } from '../until.ts';
import { fromBase32 } from './fromBase32.ts';
import { assertionType } from './tester.ts';
import { tokenOf, world, type World } from './world.ts';

const scope = 'launch/patient openid fhirUser offline_access patient/*.rs';
const atOnce = 8;

/** What counts once does so on each store, among those who bring it at the same moment. */
describe.each(eachStore('onceOnly'))('what counts once, on %s', (_, open) => {
  let server: SmartTest;
  let people: World;
  beforeAll(async () => {
    server = await smartTest({ store: await open() });
    people = await world(server);
    await server.client({ id: 'app' });
  });
  afterAll(() => server.close());

  const many = <T>(work: () => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: atOnce }, () => work()));
  const given = (answers: readonly Received[]): Received[] => answers.filter(({ status }) => status === 200);
  const reads = async (token: unknown): Promise<number> =>
    (await server.ask(`${server.base}/Patient/p1`, bearer(token))).status;
  const refresh = (token: unknown): Promise<Received> =>
    server.ask(`${server.issuer}/token`, {
      form: { grant_type: 'refresh_token', refresh_token: String(token), client_id: 'app' },
    });

  test('3.4 neighbour: a code; what came of it is taken back by those who came later', async () => {
    const launched = await authorize(server, new Browser(server), {
      ...{ client: 'app', scope, account: people.patient },
    });
    const answers = await many(() => exchange(server, 'app', launched));
    expect(given(answers).length).toBeLessThanOrEqual(1);
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.map(({ status, json }) => [status, json['error']])).toEqual(
      refused.map(() => [400, 'invalid_grant']),
    );
    for (const { json } of given(answers)) expect(await reads(json['access_token'])).toBe(401);
    expect((await exchange(server, 'app', launched)).json['error']).toBe('invalid_grant');
  });

  test('3.6.1 neighbour: a refresh token of a public app; a second use ends its family', async () => {
    const first = await tokenOf(server, { client: 'app', scope, account: people.patient });
    expect(await reads(first.json['access_token'])).toBe(200);
    const answers = await many(() => refresh(first.json['refresh_token']));
    expect(given(answers).length).toBeLessThanOrEqual(1);
    for (const { json } of [first, ...given(answers)]) expect(await reads(json['access_token'])).toBe(401);
    for (const { json } of given(answers))
      expect((await refresh(json['refresh_token'])).json['error']).toBe('invalid_grant');
  });

  test('3.8.1 neighbour: an assertion of a service', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS384', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS384', use: 'sig' };
    await server.client({ id: 'service', kind: 'service', redirectUris: [], jwks: { keys: [jwk] } });
    const signed = await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: 'RS384', kid: 'k' })
      .setIssuer('service')
      .setSubject('service')
      .setAudience(`${server.issuer}/token`)
      .setExpirationTime('4 minutes')
      .sign(privateKey);
    const form = {
      ...{ grant_type: 'client_credentials', scope: 'system/*.rs' },
      ...{ client_assertion_type: assertionType, client_assertion: signed },
    };
    const answers = await many(() => server.ask(`${server.issuer}/token`, { form }));
    expect(given(answers)).toHaveLength(1);
    const errors = answers.flatMap(({ status, json }) => (status === 200 ? [] : [json['error']]));
    expect(new Set(errors)).toEqual(new Set(['invalid_client']));
  });

  test('D.4 neighbour: a one-time link, and a one-time code', async () => {
    const { id } = await server.accounts.add({ name: 'once', roles: ['patient'], users: ['Patient/p1'] });
    const { records } = server.context.store;
    const link = await makeLink(records, server.context.now, { purpose: 'password', account: id });
    const browsers = Array.from({ length: 3 }, () => new Browser(server));
    for (const browser of browsers) await browser.open(`${server.issuer}/link/${link}`);
    const chosen = browsers.map((_browser, i) => `${password} ${i}`);
    await Promise.all(
      browsers.map((browser, i) =>
        browser.submit({ do: 'set' }, { password: chosen[i] ?? '', again: chosen[i] ?? '' }),
      ),
    );
    const works: string[] = [];
    for (const one of chosen)
      if ((await server.accounts.signIn('once', one)).is === 'account') works.push(one);
    expect(works).toHaveLength(1);
    const seed = fromBase32(new URL(await server.accounts.requireCodes(id)).searchParams.get('secret') ?? '');
    const account = await server.accounts.byName('once');
    if (!account) throw new Error('no account');
    const code = codeAt(seed, Math.floor(Date.now() / 30_000));
    const taken = await many(() => server.accounts.takeCode(account, code));
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  test('3.6.1 neighbour: what holds for a session ends with it, and a locked account with all it gave', async () => {
    const browser = new Browser(server);
    const online = 'launch/patient online_access patient/*.rs';
    const launched = await authorize(server, browser, {
      client: 'app',
      scope: online,
      account: people.patient,
    });
    const token = await exchange(server, 'app', launched);
    const kept = await tokenOf(server, { client: 'app', scope, account: people.patient });
    await browser.open(`${server.issuer}/apps`);
    await browser.submit({ do: 'sign-out' });
    expect(await reads(token.json['access_token'])).toBe(401);
    expect((await refresh(token.json['refresh_token'])).json['error']).toBe('invalid_grant');
    expect(await reads(kept.json['access_token'])).toBe(200);
    await server.accounts.lock(people.patient.id);
    await server.accounts.unlock(people.patient.id);
    // who remembers a token hears of it within seconds
    await until(async () => (await reads(kept.json['access_token'])) === 401);
    expect((await refresh(kept.json['refresh_token'])).json['error']).toBe('invalid_grant');
  });
});
