import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { codeAt, stepOfCode } from '../../src/http/smart/oneTimeCode.ts';
import { makeLink } from '../../src/http/smart/links.ts';
import { en } from '../../src/http/smart/text/en.ts';
import { es } from '../../src/http/smart/text/es.ts';
import {
  authorize,
  Browser,
  exchange,
  bearer,
  password,
  redirectUri,
  smartTest,
  throughPages,
  type SmartTest,
} from './browser.ts';
import { fromBase32 } from './fromBase32.ts';
import { tokenOf, world, type World } from './world.ts';

const scope = 'launch/patient openid fhirUser offline_access patient/*.rs';
let server: SmartTest;
let open: SmartTest; // under off
let people: World;
let openPeople: World;
beforeAll(async () => {
  server = await smartTest();
  open = await smartTest({}, { auth: 'off' });
  people = await world(server);
  openPeople = await world(open);
  for (const at of [server, open]) await at.client({ id: 'app', launchUri: 'https://app.example/launch' });
});
afterAll(async () => {
  await server.close();
  await open.close();
});

const begin = async (language = 'en'): Promise<Browser> => {
  const browser = new Browser(server);
  const query = new URLSearchParams({
    ...{
      response_type: 'code',
      client_id: 'app',
      redirect_uri: redirectUri,
      scope,
      state: 's',
      aud: server.base,
    },
    ...{ code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' },
  });
  await browser.open(`${server.issuer}/authorize?${query.toString()}`, {
    headers: { 'accept-language': language },
  });
  return browser;
};

describe('sign-in', () => {
  test('a name that there is not and a wrong password are answered alike', async () => {
    const browser = await begin();
    const wrong = await browser.submit({ do: 'sign-in' }, { name: 'one', password: 'wrong' });
    const unknown = await browser.submit({ do: 'sign-in' }, { name: 'nobody', password: 'wrong' });
    expect([wrong.status, unknown.status]).toEqual([400, 400]);
    expect(unknown.text).toBe(wrong.text);
    expect(wrong.text).toContain(en.wrongSignIn);
  });

  test('after ten wrong passwords an account waits, also for the right one; others do not', async () => {
    const { id } = await server.accounts.add({ name: 'guessed', roles: ['patient'], users: ['Patient/p2'] });
    await server.accounts.setPassword(id, password);
    const browser = await begin();
    for (let i = 0; i < 10; i++)
      await browser.submit({ do: 'sign-in' }, { name: 'guessed', password: `wrong ${i}` });
    expect((await browser.submit({ do: 'sign-in' }, { name: 'Guessed ', password })).text).toContain(
      en.waiting,
    );
    await throughPages(browser, { account: people.patient });
    expect(new URL(browser.url).searchParams.get('code')).not.toBeNull();
    await server.accounts.unlock(id);
    expect((await server.accounts.signIn('guessed', password)).is).toBe('account');
  });

  test('many wrong passwords at once are no way around', async () => {
    const { id } = await server.accounts.add({ name: 'rushed', roles: ['patient'], users: ['Patient/p2'] });
    await server.accounts.setPassword(id, password);
    const tries = await Promise.all(
      Array.from({ length: 14 }, (_, i) => server.accounts.signIn('rushed', `wrong ${i}`)),
    );
    expect(tries.filter(({ is }) => is === 'wrong')).toHaveLength(10);
  });

  test('an account with one-time codes needs one, and each is taken once', async () => {
    const { id } = await server.accounts.add({ name: 'coded', roles: ['patient'], users: ['Patient/p2'] });
    await server.accounts.setPassword(id, password);
    const uri = new URL(await server.accounts.requireCodes(id));
    const seed = fromBase32(uri.searchParams.get('secret') ?? '');
    const code = codeAt(seed, Math.floor(Date.now() / 30_000));
    const browser = await begin();
    expect((await browser.submit({ do: 'sign-in' }, { name: 'coded', password })).text).toContain(
      en.codeTitle,
    );
    const wrong = code === '000000' ? '000001' : '000000';
    expect((await browser.submit({ do: 'code' }, { code: wrong })).text).toContain(en.wrongCode);
    expect((await browser.submit({ do: 'code' }, { code })).text).toContain('value="allow"');
    const again = await begin();
    await again.submit({ do: 'sign-in' }, { name: 'coded', password });
    expect((await again.submit({ do: 'code' }, { code })).text).toContain(en.wrongCode);
  });

  test('a locked account does not sign in, and its sessions end', async () => {
    const { id } = await server.accounts.add({ name: 'leaver', roles: ['patient'], users: ['Patient/p2'] });
    await server.accounts.setPassword(id, password);
    const browser = new Browser(server);
    await browser.open(`${server.issuer}/sign-in`);
    await browser.submit({ do: 'sign-in' }, { name: 'leaver', password });
    expect(browser.page?.text).toContain(en.appsTitle);
    await server.accounts.lock(id);
    await browser.open(`${server.issuer}/apps`);
    expect(browser.url).toContain('/sign-in');
    expect((await browser.submit({ do: 'sign-in' }, { name: 'leaver', password })).text).toContain(
      en.wrongSignIn,
    );
  });

  test('RFC 6238: codes are those of other programs', () => {
    const seed = Buffer.from('12345678901234567890');
    expect([59, 1_111_111_109, 2_000_000_000].map((s) => codeAt(seed, Math.floor(s / 30)))).toEqual([
      '287082',
      '081804',
      '279037',
    ]);
    expect(stepOfCode(seed, '287082', 59_000 + 30_000)).toBe(1);
    expect(stepOfCode(seed, '287082', 59_000 + 90_000)).toBeUndefined();
  });
});

describe('protection of the pages', () => {
  test('a form of another page is refused, and nothing happens', async () => {
    const browser = await begin();
    const action = new URL(browser.url).pathname;
    const fields = { do: 'sign-in', name: 'one', password };
    const proof = /name="proof" value="([^"]+)"/.exec(browser.page?.text ?? '')?.[1] ?? '';
    const sent = [
      { form: { ...fields, proof: 'x' } },
      { form: fields },
      { form: { ...fields, proof }, headers: { origin: 'https://evil.example' } },
      { form: { ...fields, proof }, headers: { origin: 'null' } },
      { form: { ...fields, proof }, headers: { 'sec-fetch-site': 'cross-site' } },
    ];
    for (const one of sent) expect((await browser.open(action, one)).status).toBe(403);
    expect((await browser.open(action, { form: { ...fields, proof } })).text).toContain('value="allow"');
  });

  test('a step is of the browser that began it', async () => {
    const browser = await begin();
    const other = await new Browser(server).open(browser.url);
    expect([other.status, other.text.includes(en.problems['expired'] ?? '')]).toEqual([400, true]);
  });

  test('no page is framed, stored or runs a script, and its forms lead to the app only', async () => {
    const browser = await begin();
    const headers = browser.page?.headers ?? {};
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['cache-control']).toBe('no-store');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self' https://app.example;");
    expect(browser.page?.text).not.toMatch(/<script|\son[a-z]+=/i);
  });

  test('what an app is called and where it returns to is shown, and is text', async () => {
    await server.client({ id: 'marked', name: '<b>Bold</b> & "quoted"' });
    const browser = new Browser(server);
    await authorize(server, browser, {
      client: 'marked',
      scope,
      account: { ...people.patient, name: 'nobody' },
    });
    expect(browser.page?.text).toContain('&lt;b&gt;Bold&lt;/b&gt; &amp; &quot;quoted&quot;');
    expect(browser.page?.text).not.toContain('<b>Bold');
  });

  test('there is no open redirect', async () => {
    for (const path of [
      '/sign-in?to=https://evil.example',
      '/apps?return=//evil.example',
      '//evil.example/apps',
    ]) {
      const { location } = await server.ask(`${new URL(server.issuer).pathname}${path}`);
      expect(location).not.toContain('evil');
    }
  });
});

describe('languages', () => {
  test('pages are in Spanish for who reads that, and can be switched', async () => {
    const browser = await begin('es-MX,en;q=0.5');
    expect(browser.page?.text).toContain('<html lang="es">');
    expect(browser.page?.text).toContain(es.accountName);
    await browser.open(`${browser.url}?language=en`);
    expect(browser.page?.text).toContain(en.accountName);
    await browser.open(`${browser.url}?language=es`);
    expect(browser.page?.text).toContain(es.accountName);
  });

  test('every language has every text', () => {
    expect(Object.keys(es).sort()).toEqual(Object.keys(en).sort());
    expect(Object.keys(es.kinds).sort()).toEqual(Object.keys(en.kinds).sort());
    expect(Object.keys(es.problems).sort()).toEqual(Object.keys(en.problems).sort());
  });
});

describe('apps', () => {
  test('a person takes access back, and the token is none', async () => {
    const token = await tokenOf(server, { client: 'app', scope, account: people.patient });
    const by = bearer(token.json['access_token']);
    expect((await server.ask(`${server.base}/Patient/p1`, by)).status).toBe(200);
    const browser = new Browser(server);
    await browser.open(`${server.issuer}/sign-in`);
    await browser.submit({ do: 'sign-in' }, { name: 'one', password });
    await browser.submit({ revoke: 'app' });
    expect(browser.page?.text).toContain(en.noApps);
    expect((await server.ask(`${server.base}/Patient/p1`, by)).status).toBe(401);
    const form = {
      grant_type: 'refresh_token',
      refresh_token: String(token.json['refresh_token']),
      client_id: 'app',
    };
    expect((await server.ask(`${server.issuer}/token`, { form })).json['error']).toBe('invalid_grant');
  });

  test('3.3.5 an app is opened out of the server (EHR launch), with iss and launch', async () => {
    const browser = new Browser(server);
    await browser.open(`${server.issuer}/sign-in`);
    await browser.submit({ do: 'sign-in' }, { name: 'one', password });
    await browser.submit({ do: 'open' });
    const url = new URL(browser.url);
    expect(`${url.origin}${url.pathname}`).toBe('https://app.example/launch');
    expect(url.searchParams.get('iss')).toBe(server.base);
    const launch = url.searchParams.get('launch') ?? '';
    const launched = await authorize(server, browser, {
      ...{
        client: 'app',
        scope: 'launch openid fhirUser patient/*.rs',
        account: people.patient,
        more: { launch },
      },
    });
    expect((await exchange(server, 'app', launched)).json).toMatchObject({ patient: 'p1' });
  });

  test('3.3.5 neighbour: a launch is of one app and one person', async () => {
    const { launchUrl } = await import('../../src/http/smart/manage.ts');
    const { context, base } = server;
    await server.client({ id: 'other' });
    const of = { records: context.store.records, now: context.now, base };
    const url = await launchUrl(of, people.biller.id, {
      client: 'app',
      launchUri: 'https://app.example/launch',
      patient: 'p2',
    });
    const launch = new URL(url).searchParams.get('launch') ?? '';
    const asked = { scope: 'launch openid fhirUser patient/*.rs', more: { launch } };
    for (const wrong of [
      { ...asked, client: 'other', account: people.biller },
      { ...asked, client: 'app', account: people.patient },
      { ...asked, client: 'app', account: people.biller, more: { launch: 'x' } },
    ])
      expect((await authorize(server, new Browser(server), wrong)).redirect.searchParams.get('error')).toBe(
        'invalid_request',
      );
    const right = await authorize(server, new Browser(server), {
      ...asked,
      client: 'app',
      account: people.biller,
    });
    expect((await exchange(server, 'app', right)).json).toMatchObject({ patient: 'p2' });
  });
});

describe('one-time links', () => {
  test('a link of an administrator lets a password be chosen, once', async () => {
    const { records } = server.context.store;
    const { id } = await server.accounts.add({
      name: 'forgetful',
      roles: ['patient'],
      users: ['Patient/p2'],
    });
    const link = await makeLink(records, server.context.now, { purpose: 'password', account: id });
    const url = `${server.issuer}/link/${link}`;
    const browser = new Browser(server);
    await browser.open(url);
    await browser.open(url); // looking at it does not use it up
    expect((await browser.submit({ do: 'set' }, { password: 'short', again: 'short' })).text).toContain(
      en.passwordRules,
    );
    expect((await browser.submit({ do: 'set' }, { password, again: `${password}!` })).text).toContain(
      en.notTheSame,
    );
    await browser.submit({ do: 'set' }, { password, again: password });
    expect((await server.accounts.signIn('forgetful', password)).is).toBe('account');
    expect((await browser.open(url)).status).toBe(404);
  });

  test('a link of the demo signs in and opens an app, under off on this machine only', async () => {
    const link = {
      purpose: 'demo',
      client: 'app',
      launchUri: 'https://app.example/launch',
      patient: 'p1',
    } as const;
    const made = await makeLink(open.context.store.records, open.context.now, {
      ...link,
      account: openPeople.patient.id,
    });
    const browser = new Browser(open);
    await browser.open(`${open.issuer}/link/${made}`);
    const launch = new URL(browser.url).searchParams.get('launch') ?? '';
    const launched = await authorize(open, browser, {
      ...{
        client: 'app',
        scope: 'launch openid fhirUser patient/*.rs',
        account: openPeople.patient,
        more: { launch },
      },
    });
    expect((await exchange(open, 'app', launched)).json).toMatchObject({ patient: 'p1' });
    expect((await new Browser(open).open(`${open.issuer}/link/${made}`)).status).toBe(404);
    const guarded = await makeLink(server.context.store.records, server.context.now, {
      ...link,
      account: people.patient.id,
    });
    expect((await new Browser(server).open(`${server.issuer}/link/${guarded}`)).status).toBe(404);
  });
});
