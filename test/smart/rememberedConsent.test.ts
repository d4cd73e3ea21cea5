import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/http/smart/accounts.ts';
import { launchUrl } from '../../src/http/smart/manage.ts';
import { eachStore } from '../http/eachStore.ts';
import { authorize, bearer, Browser, exchange, password, smartTest, type SmartTest } from './browser.ts';
import { world, type World } from './world.ts';

/** What a person allowed an app is not asked again, where the app is registered for that. */
const scope = 'launch/patient openid fhirUser patient/*.rs';
const offline = `${scope} offline_access`;
let server: SmartTest;
let people: World;
let parent: Account; // of p1 and p2

interface Asked {
  readonly client?: string;
  readonly scope?: string;
  readonly prompt?: string;
  readonly more?: Readonly<Record<string, string>>;
}

/** A person at a browser who allowed an app something, and what is answered when the app asks again. */
async function allowed(
  first: Asked & {
    readonly account?: Account;
    readonly patient?: string;
    readonly unchecked?: string[];
  } = {},
): Promise<{
  browser: Browser;
  token: Readonly<Record<string, unknown>>;
  again: (asked?: Asked) => Promise<string>;
}> {
  const { client = 'kept', account = people.patient, more = {}, ...rest } = first;
  const browser = new Browser(server);
  const launched = await authorize(server, browser, { client, scope, account, more, ...rest });
  const token = (await exchange(server, client, launched)).json;
  expect(token['patient']).toBe(first.patient ?? 'p1');
  return { browser, token, again: (asked) => askAgain(browser, { client, scope, ...asked }) };
}

/** Asks in a browser where somebody is signed in: the page that comes, the error, or the scopes of the token. */
async function askAgain(
  browser: Browser,
  { client = '', scope: asked = '', prompt, more = {} }: Asked,
): Promise<string> {
  const verifier = 'v'.repeat(43);
  const query = new URLSearchParams({
    ...{
      response_type: 'code',
      client_id: client,
      redirect_uri: 'https://app.example/callback',
      scope: asked,
    },
    ...{ state: 's', aud: server.base, code_challenge: challengeOf(verifier), code_challenge_method: 'S256' },
    ...(prompt === undefined ? {} : { prompt }),
    ...more,
  });
  await browser.open(`${server.issuer}/authorize?${query.toString()}`);
  const { searchParams, origin } = new URL(browser.url);
  const text = browser.page?.text ?? '';
  if (origin !== 'https://app.example')
    return [consentAsked, signInAsked, patientAsked].find((part) => text.includes(part)) ?? text;
  const code = searchParams.get('code');
  if (code === null) return searchParams.get('error') ?? '';
  return String((await exchange(server, client, { code, verifier })).json['scope']);
}

const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');
const consentAsked = 'value="allow"';
const signInAsked = 'value="sign-in"';
const patientAsked = 'name="patient"';

describe.each(eachStore('rememberedConsent'))('D.4 remembered consent, on %s', (_, open) => {
  beforeAll(async () => {
    server = await smartTest({ store: await open() });
    people = await world(server);
    await server.client({ id: 'app' });
    for (const id of ['kept', 'other']) await server.client({ id, remembersConsent: true });
    await server.client({ id: 'phone', remembersConsent: true, isNative: true });
    parent = await server.accounts.add({
      ...{ name: 'parent', roles: ['patient'], users: ['Patient/p1', 'Patient/p2'] },
    });
    await server.accounts.setPassword(parent.id, password);
  });
  afterAll(() => server.close());

  test('D.4 an app that is registered for it gets a code without a page, also with prompt=none', async () => {
    const { again } = await allowed();
    expect(await again()).toBe(scope);
    expect(await again({ prompt: 'none' })).toBe(scope);
    expect(await again({ prompt: 'none', scope: 'launch/patient openid patient/*.rs' })).toBe(
      'launch/patient openid patient/*.rs',
    );
  });

  test('D.4 neighbour: other apps are asked about each time, and prompt=none is refused', async () => {
    const { again } = await allowed({ client: 'app' });
    expect(await again()).toBe(consentAsked);
    expect(await again({ prompt: 'none' })).toBe('consent_required');
  });

  test('D.4 neighbour: an app on a device of the person is asked about, whatever it is registered for', async () => {
    const browser = new Browser(server);
    await authorize(server, browser, { client: 'phone', scope, account: people.patient });
    expect(await askAgain(browser, { client: 'phone', scope })).toBe(consentAsked);
    expect(await askAgain(browser, { client: 'phone', scope, prompt: 'none' })).toBe('interaction_required');
  });

  test('D.4 neighbour: what one app was allowed is nothing to another', async () => {
    const { again } = await allowed();
    expect(await again({ client: 'other' })).toBe(consentAsked);
    expect(await again({ client: 'other', prompt: 'none' })).toBe('consent_required');
  });

  test('D.4 neighbour: nobody is signed in: prompt=none says so', async () => {
    await allowed();
    const asked = { client: 'kept', scope, prompt: 'none' };
    expect(await askAgain(new Browser(server), asked)).toBe('login_required');
  });

  test.each([
    ['another type', 'launch/patient openid fhirUser patient/*.rs user/Claim.rs'],
    ['more of a type', 'launch/patient openid fhirUser patient/*.cruds'],
  ])('D.4 %s than was allowed is asked about', async (_name, more) => {
    const { again } = await allowed();
    expect(await again({ scope: more })).toBe(consentAsked);
    expect(await again({ scope: more, prompt: 'none' })).toBe('consent_required');
  });

  test('D.4 access that lasts longer than was allowed is asked about; what lasted before is not', async () => {
    const { again } = await allowed();
    expect(await again({ scope: offline })).toBe(consentAsked);
    const longer = await allowed({ scope: offline });
    expect(await longer.again({ scope: offline })).toBe(offline);
    // OpenID Connect gives none of it where nobody may be asked
    expect(await longer.again({ scope: offline, prompt: 'none' })).toBe(scope);
    expect(await longer.again({ scope: offline, prompt: 'consent' })).toBe(consentAsked);
    const more = { claimwright_prompt: 'consent' }; // an app may not say that it said nothing
    expect(await longer.again({ scope: offline, prompt: 'consent', more })).toBe(consentAsked);
  });

  test('D.4 neighbour: what was left out of a consent stays out without a page', async () => {
    const { again } = await allowed({
      scope: 'launch/patient patient/Patient.rs patient/Claim.rs',
      unchecked: ['patient/Claim.rs'],
    });
    const asked = { scope: 'launch/patient patient/Patient.rs patient/Claim.rs' };
    expect(await again({ ...asked, prompt: 'none' })).toBe('launch/patient patient/Patient.rs');
  });

  test('D.4 it is for one patient: another one is asked about', async () => {
    const { again, browser } = await allowed({ account: parent, patient: 'p1' });
    expect(await again({ prompt: 'none' })).toBe('consent_required'); // who it is for is not known
    expect(await again()).toBe(patientAsked);
    await browser.submit({ patient: 'p2' });
    expect(browser.page?.text).toContain(consentAsked);
    expect(await again()).toBe(patientAsked);
    await browser.submit({ patient: 'p1' });
    expect(new URL(browser.url).searchParams.get('code')).not.toBeNull();
  });

  test('D.4 neighbour: an EHR launch says who it is for', async () => {
    const { context, base } = server;
    const of = { records: context.store.records, now: context.now, base };
    const open = async (patient: string): Promise<Readonly<Record<string, string>>> => {
      const at = { client: 'kept', launchUri: 'https://app.example/launch', patient };
      const url = new URL(await launchUrl(of, people.biller.id, at));
      return { launch: url.searchParams.get('launch') ?? '' };
    };
    const asked = 'launch openid fhirUser patient/*.rs';
    const { again } = await allowed({ account: people.biller, scope: asked, more: await open('p1') });
    expect(await again({ scope: asked, prompt: 'none', more: await open('p1') })).toBe(asked);
    expect(await again({ scope: asked, prompt: 'none', more: await open('p2') })).toBe('consent_required');
    expect(await again({ scope: asked, more: await open('p2') })).toBe(consentAsked);
    expect(await again({ scope: asked, prompt: 'none', more: { launch: 'x' } })).toBe('consent_required');
  });

  test.each([
    [
      'a person takes access back',
      async (browser: Browser) => {
        await browser.open(`${server.issuer}/apps`);
        await browser.submit({ revoke: 'kept' });
      },
    ],
    [
      'the app revokes its token',
      async (_browser: Browser, token: Readonly<Record<string, unknown>>) => {
        const form = { token: String(token['access_token']), client_id: 'kept' };
        expect((await server.ask(`${server.issuer}/revoke`, { form })).status).toBe(200);
      },
    ],
  ])('D.4 it ends when %s', async (name, revoke) => {
    const account = await server.accounts.add({
      name: name.replaceAll(' ', '-'),
      roles: ['patient'],
      users: ['Patient/p1'],
    });
    await server.accounts.setPassword(account.id, password);
    const { again, browser, token } = await allowed({ account });
    expect(await again({ prompt: 'none' })).toBe(scope);
    await revoke(browser, token);
    expect((await server.ask(`${server.base}/Patient/p1`, bearer(token['access_token']))).status).toBe(401);
    expect(await again({ prompt: 'none' })).toBe('consent_required');
    expect(await again()).toBe(consentAsked);
  });

  test('D.4 neighbour: what holds for a session is remembered in that session only', async () => {
    const online = `${scope} online_access`;
    const { again } = await allowed({ scope: online });
    expect(await again({ scope: online, prompt: 'none' })).toBe(online);
    const elsewhere = new Browser(server);
    await elsewhere.open(`${server.issuer}/sign-in`);
    await elsewhere.submit({ do: 'sign-in' }, { name: 'one', password });
    expect(await askAgain(elsewhere, { client: 'kept', scope: online })).toBe(consentAsked);
  });
});
