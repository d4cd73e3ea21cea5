import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openStore } from '../../src/store/openStore.ts';
import type { Store } from '../../src/store/store.ts';
import { until } from '../until.ts';
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
let server: SmartTest;
let people: World;
let secret: string;
let resource: string;
const basic = (id: string, password: string): Readonly<Record<string, string>> => ({
  authorization: `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}`,
});

const finds: string[] = []; // kinds of the records that were read

/** A store that notes what records are read. */
async function watchedStore(): Promise<Store> {
  const store = await openStore('sqlite::memory:', { now: () => new Date().toISOString() });
  const { records } = store;
  const find: typeof records.find = (kind, key) => {
    finds.push(kind);
    return records.find(kind, key);
  };
  Object.defineProperty(store, 'records', { value: { ...records, find } });
  return store;
}

beforeAll(async () => {
  server = await smartTest({ store: await watchedStore() });
  people = await world(server);
  await server.client({ id: 'app' });
  secret = (await server.client({ id: 'confidential', kind: 'secret' })).secret ?? '';
  resource = (await server.client({ id: 'resource', kind: 'secret', introspects: true })).secret ?? '';
});
afterAll(() => server.close());

const refresh = (token: unknown, more: Readonly<Record<string, string>> = {}): Promise<Received> =>
  server.ask(`${server.issuer}/token`, {
    form: { grant_type: 'refresh_token', refresh_token: String(token), client_id: 'app', ...more },
  });

const introspect = (token: unknown, by: readonly [string, string] | string = 'app'): Promise<Received> =>
  typeof by === 'string'
    ? server.ask(`${server.issuer}/introspect`, { form: { token: String(token), client_id: by } })
    : server.ask(`${server.issuer}/introspect`, { form: { token: String(token) }, headers: basic(...by) });

const revoke = (token: unknown, client = 'app'): Promise<Received> =>
  server.ask(`${server.issuer}/revoke`, { form: { token: String(token), client_id: client } });

const reads = async (token: unknown): Promise<number> =>
  (await server.ask(`${server.base}/Patient/p1`, bearer(token))).status;

describe('refresh', () => {
  test.each([
    ['without scope', {}],
    ['with the scope granted before', { scope }],
  ])('3.6.1 a refresh %s answers with all members', async (_name, more) => {
    const first = await tokenOf(server, { client: 'app', scope, account: people.patient });
    const { status, json, headers } = await refresh(first.json['refresh_token'], more);
    expect(status).toBe(200);
    expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope, patient: 'p1' });
    expect([headers['cache-control'], headers['pragma']]).toEqual(['no-store', 'no-cache']);
    expect(await reads(json['access_token'])).toBe(200);
    expect((await refresh(json['refresh_token'])).status).toBe(200);
  });

  test('3.6.1 neighbour: a public app need not say who it is; one that proves it must', async () => {
    const bare = (token: unknown): Promise<Received> =>
      server.ask(`${server.issuer}/token`, {
        form: { grant_type: 'refresh_token', refresh_token: String(token) },
      });
    const open = await tokenOf(server, { client: 'app', scope, account: people.patient });
    const next = await bare(open.json['refresh_token']);
    expect([next.status, next.json['patient']]).toEqual([200, 'p1']);
    expect(await reads(next.json['access_token'])).toBe(200);
    expect((await bare(open.json['refresh_token'])).json['error']).toBe('invalid_grant'); // used before
    expect(await reads(next.json['access_token'])).toBe(401); // so all of it is taken back
    const launched = await authorize(server, new Browser(server), {
      ...{ client: 'confidential', scope, account: people.patient },
    });
    const closed = await server.ask(`${server.issuer}/token`, {
      form: {
        ...{ grant_type: 'authorization_code', code: launched.code, redirect_uri: redirectUri },
        code_verifier: launched.verifier,
      },
      headers: basic('confidential', secret),
    });
    expect(closed.status).toBe(200);
    for (const token of [closed.json['refresh_token'], 'x'])
      expect((await bare(token)).json['error']).toBe('invalid_request');
    expect(await reads(closed.json['access_token'])).toBe(200);
  });

  test('3.6.1 neighbour: a refresh may ask for less, not for more', async () => {
    const asked = 'launch/patient openid offline_access patient/Coverage.rs patient/Patient.rs';
    const first = await tokenOf(server, { client: 'app', scope: asked, account: people.patient });
    const more = await refresh(first.json['refresh_token'], { scope: `${asked} patient/Claim.rs` });
    expect([more.status, more.json['error']]).toEqual([400, 'invalid_scope']);
    const less = await refresh(first.json['refresh_token'], { scope: 'patient/Coverage.rs' });
    expect(less.json['scope']).toBe('patient/Coverage.rs');
    expect(await reads(less.json['access_token'])).toBe(403);
  });

  test('3.6.1 neighbour: a refresh token of a public app is used once; a second use ends all that came of it', async () => {
    const first = await tokenOf(server, { client: 'app', scope, account: people.patient });
    const second = await refresh(first.json['refresh_token']);
    expect((await refresh(first.json['refresh_token'])).json['error']).toBe('invalid_grant');
    expect((await refresh(second.json['refresh_token'])).json['error']).toBe('invalid_grant');
    expect(await reads(second.json['access_token'])).toBe(401);
  });

  test('3.6.1 neighbour: a refresh token is of one client, and of a user who is not locked', async () => {
    const first = await tokenOf(server, { client: 'app', scope, account: people.patient });
    const form = { grant_type: 'refresh_token', refresh_token: String(first.json['refresh_token']) };
    const other = await server.ask(`${server.issuer}/token`, {
      form,
      headers: basic('confidential', secret),
    });
    expect(other.json['error']).toBe('invalid_grant');
    await server.accounts.lock(people.patient.id);
    expect((await refresh(first.json['refresh_token'])).json['error']).toBe('invalid_grant');
    await server.accounts.unlock(people.patient.id);
  });

  test('3.6.1 neighbour: without offline or online access there is no refresh token', async () => {
    const { json } = await tokenOf(server, {
      client: 'app',
      scope: 'launch/patient patient/*.rs',
      account: people.patient,
    });
    expect(json['refresh_token']).toBeUndefined();
  });

  test('3.6.1 neighbour: online access ends when the user signs out', async () => {
    const browser = new Browser(server);
    const asked = 'launch/patient online_access patient/*.rs';
    const token = await exchange(
      server,
      'app',
      await authorize(server, browser, { client: 'app', scope: asked, account: people.patient }),
    );
    expect(await reads(token.json['access_token'])).toBe(200);
    await browser.open(`${server.issuer}/apps`);
    expect(browser.page?.text).toContain('The app');
    await browser.submit({ do: 'sign-out' });
    expect(await reads(token.json['access_token'])).toBe(401);
    expect((await refresh(token.json['refresh_token'])).json['error']).toBe('invalid_grant');
  });

  test('3.6.1 neighbour: what is for a session is not kept for longer than one', async () => {
    const daysLeft = async (asked: string): Promise<number> => {
      const before = new Set((await grants()).map(({ key }) => key));
      await authorize(server, new Browser(server), { client: 'app', scope: asked, account: people.patient });
      const made = (await grants()).find(({ key }) => !before.has(key));
      return ((made?.expires ?? 0) - Date.parse(server.context.now())) / 86_400_000;
    };
    const grants = () => server.context.store.records.list('Grant', { count: 1000 });
    expect(await daysLeft('launch/patient online_access patient/*.rs')).toBeLessThan(0.4);
    expect(await daysLeft('launch/patient offline_access patient/*.rs')).toBeGreaterThan(80);
  });

  test('3.6.1 neighbour: a lock ends what apps were given for good, also after it is taken away', async () => {
    const token = await exchange(
      server,
      'app',
      await authorize(server, new Browser(server), { client: 'app', scope, account: people.patient }),
    );
    const { id } = people.patient;
    await server.accounts.lock(id);
    await server.accounts.unlock(id);
    expect((await refresh(token.json['refresh_token'])).json['error']).toBe('invalid_grant');
  });
});

describe('introspection', () => {
  test('3.7.1 a valid token is told with what its app was told', async () => {
    const token = await tokenOf(server, { client: 'app', scope, account: people.patient });
    const { status, json } = await introspect(token.json['access_token']);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      active: true,
      client_id: 'app',
      scope,
      patient: 'p1',
      iss: server.issuer,
      sub: people.patient.id,
    });
    expect(json['fhirUser']).toBe(`${server.base}/Patient/p1`);
    expect(Number(json['exp'])).toBeGreaterThan(Date.now() / 1000);
  });

  test('3.7.2 a token that is none is inactive, and nothing else is said', async () => {
    for (const by of ['app', ['resource', resource] as const]) {
      const { status, json } = await introspect('invalid_token_value', by);
      expect([status, json]).toEqual([200, { active: false }]);
    }
  });

  test('3.7 neighbour: another app is told nothing, a resource server all', async () => {
    const token = await tokenOf(server, { client: 'app', scope, account: people.patient });
    expect((await introspect(token.json['access_token'], ['confidential', secret])).json).toEqual({
      active: false,
    });
    const told = await introspect(token.json['access_token'], ['resource', resource]);
    expect(told.json).toMatchObject({ active: true, client_id: 'app', patient: 'p1' });
  });

  test('3.7 neighbour: who does not say who they are is told nothing', async () => {
    const { status } = await server.ask(`${server.issuer}/introspect`, { form: { token: 'x' } });
    expect([400, 401]).toContain(status);
  });
});

describe('revocation', () => {
  test('a token that is revoked takes along all that was given with it', async () => {
    const token = await tokenOf(server, { client: 'app', scope, account: people.patient });
    const again = await refresh(token.json['refresh_token']);
    expect(await reads(token.json['access_token'])).toBe(200);
    expect((await revoke(token.json['access_token'])).status).toBe(200);
    expect(await reads(token.json['access_token'])).toBe(401);
    expect(await reads(again.json['access_token'])).toBe(401);
    expect((await refresh(again.json['refresh_token'])).json['error']).toBe('invalid_grant');
    const other = await tokenOf(server, { client: 'app', scope, account: people.patient });
    await revoke(other.json['refresh_token']);
    expect(await reads(other.json['access_token'])).toBe(401);
    expect((await introspect(again.json['access_token'])).json).toEqual({ active: false });
  });

  test('nobody revokes the token of another app', async () => {
    const token = await tokenOf(server, { client: 'app', scope, account: people.patient });
    await server.ask(`${server.issuer}/revoke`, {
      form: { token: String(token.json['access_token']) },
      headers: basic('confidential', secret),
    });
    expect(await reads(token.json['access_token'])).toBe(200);
  });

  test('a removed client, a removed grant and a locked account end tokens', async () => {
    const { removeClient } = await import('../../src/http/smart/clients.ts');
    await server.client({ id: 'short-lived' });
    const token = await tokenOf(server, { client: 'short-lived', scope, account: people.patient });
    expect(await reads(token.json['access_token'])).toBe(200);
    await removeClient(server.context.store.records, 'short-lived');
    // what was known may be answered for a while
    expect(await until(async () => (await reads(token.json['access_token'])) === 401)).toBe(true);
  });

  test('a token is read from the store once', async () => {
    const token = await tokenOf(server, { client: 'app', scope, account: people.patient });
    await reads(token.json['access_token']);
    const before = finds.length;
    for (let i = 0; i < 5; i++) expect(await reads(token.json['access_token'])).toBe(200);
    const more = finds.slice(before).filter((kind) => kind !== 'revocation'); // asked once a second
    expect(more).toEqual([]);
    expect(finds).toContain('AccessToken');
  });
});
