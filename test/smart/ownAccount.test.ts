import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditEvent } from '@medplum/fhirtypes';
import { codeAt } from '../../src/http/smart/oneTimeCode.ts';
import { en } from '../../src/http/smart/text/en.ts';
import { es } from '../../src/http/smart/text/es.ts';
import { makeDue } from '../../src/operation/audit/makeEvents.ts';
import { parsePairs } from '../../src/search/parse.ts';
import { openStore } from '../../src/store/openStore.ts';
import { resourceOf } from '../../src/store/version.ts';
import { Browser, password, smartTest, type Received, type SmartTest } from './browser.ts';
import { fromBase32 } from './fromBase32.ts';
import { scanned } from './scanned.ts';

/** The page on which a person changes their password, and switches one-time codes on and off. */
const next = 'another long password';
let later = 0; // how far the clock was moved on, milliseconds
let lastCode = '';
const nowMs = (): number => Date.now() + later;
let server: SmartTest;
beforeAll(async () => {
  const now = (): string => new Date(nowMs()).toISOString();
  server = await smartTest({ now, store: await openStore('sqlite::memory:', { now }) });
  await server.context.store.transaction(async (tx) => {
    await tx.put({ resourceType: 'Patient', id: 'p1', name: [{ family: 'One' }] });
  });
});
afterAll(() => server.close());

async function person(name: string): Promise<{ readonly id: string; readonly browser: Browser }> {
  const { id } = await server.accounts.add({ name, roles: ['patient'], users: ['Patient/p1'] });
  await server.accounts.setPassword(id, password);
  return { id, browser: await signedIn(name) };
}

async function signedIn(name: string, by = password): Promise<Browser> {
  const browser = new Browser(server);
  await browser.open(`${server.issuer}/sign-in`);
  await browser.submit({ do: 'sign-in' }, { name, password: by });
  return browser;
}

const own = (browser: Browser, language = 'en'): Promise<Received> =>
  browser.open(`${server.issuer}/account`, { headers: { 'accept-language': language } });
const isIn = async (browser: Browser): Promise<boolean> => {
  await own(browser);
  return browser.url.endsWith('/account');
};
const change = (browser: Browser, fields: Readonly<Record<string, string>> = {}): Promise<Received> =>
  browser.submit({ do: 'password' }, { present: password, password: next, again: next, ...fields });

/** The code of now; each is taken once, so the clock moves on to the next. */
function codeOf(seed: Buffer): string {
  later += 30_000;
  lastCode = codeAt(seed, Math.floor(nowMs() / 30_000));
  return lastCode;
}

/** Switches codes on as a person does; the seed that was shown. */
async function withCodes(browser: Browser): Promise<Buffer> {
  await own(browser);
  const { text } = await browser.submit({ do: 'codes-begin' }, { present: password });
  const seed = fromBase32(/secret=([A-Z2-7]+)/.exec(text)?.[1] ?? '');
  expect((await browser.submit({ do: 'codes-on' }, { code: codeOf(seed) })).text).toContain(
    en.own.done['codes-on'],
  );
  return seed;
}

async function told(account: string): Promise<string[]> {
  await makeDue(server.context);
  const query = parsePairs('AuditEvent', [
    ['type', '110114'],
    ['_count', '1000'],
  ]);
  const { matches } = await server.context.store.search(query);
  return matches
    .map((match) => resourceOf(match) as AuditEvent)
    .filter(({ agent }) => agent.some(({ who }) => who?.identifier?.value === account))
    .map(({ subtype, outcome }) => `${subtype?.[0]?.code ?? ''} ${outcome ?? ''}`);
}

describe('D.4 the own password', () => {
  test('D.4 it is changed with the present one; sessions elsewhere end, and it is recorded', async () => {
    const { id, browser } = await person('changes');
    const elsewhere = await signedIn('changes');
    await own(browser);
    expect((await change(browser)).text).toContain(en.own.done.password);
    expect([await isIn(browser), await isIn(elsewhere)]).toEqual([true, false]);
    expect((await server.accounts.signIn('changes', password)).is).toBe('wrong');
    expect((await server.accounts.signIn('changes', next)).is).toBe('account');
    expect(await told(id)).toContain('password-set 0');
  });

  test.each([
    ['a wrong present one', { present: 'not the password' }, en.own.wrongPresent],
    ['a short one', { password: 'short', again: 'short' }, en.passwordRules],
    ['two that differ', { again: `${next}!` }, en.notTheSame],
  ])('D.4 neighbour: %s changes nothing', async (name, fields, said) => {
    const account = name.replaceAll(' ', '-');
    const { id, browser } = await person(account);
    await own(browser);
    const { status, text } = await change(browser, fields);
    expect(status).toBe(400);
    expect(text).toContain(said);
    expect(text).not.toContain(next);
    expect((await server.accounts.signIn(account, password)).is).toBe('account');
    expect((await told(id)).includes('password-set 4')).toBe('present' in fields);
  });

  test('D.4 neighbour: ten wrong ones, and it waits, also for the right one', async () => {
    const { browser } = await person('guesses');
    await own(browser);
    for (let i = 0; i < 10; i++) await change(browser, { present: `wrong ${i}` });
    expect((await change(browser)).text).toContain(en.waiting);
  });

  test('D.4 neighbour: a post from elsewhere, or without a session, changes nothing', async () => {
    const { browser } = await person('watched');
    await own(browser);
    const other = await signedIn('watched');
    await own(other);
    const proof = /name="proof" value="([^"]*)"/.exec(other.page?.text ?? '')?.[1] ?? '';
    const form = { do: 'password', present: password, password: next, again: next };
    const url = `${server.issuer}/account`;
    for (const sent of [
      { form },
      { form: { ...form, proof } }, // of another session
      { form: { ...form, proof: 'x' }, headers: { origin: 'https://evil.example' } },
    ])
      expect((await browser.open(url, sent)).status).toBe(403);
    await new Browser(server).open(url, { form: { ...form, proof } });
    expect((await server.accounts.signIn('watched', password)).is).toBe('account');
  });
});

describe('D.4 one-time codes', () => {
  test('D.4 they are on once a code proved the key; then sign-in and a new password take one', async () => {
    const { id, browser } = await person('coder');
    const elsewhere = await signedIn('coder');
    const seed = await withCodes(browser);
    expect([await isIn(browser), await isIn(elsewhere)]).toEqual([true, false]);
    const again = await signedIn('coder');
    expect(again.page?.text).toContain(en.codeTitle);
    const used = lastCode; // proved the key
    expect((await again.submit({ do: 'code' }, { code: used })).text).toContain(en.wrongCode);
    await again.submit({ do: 'code' }, { code: codeOf(seed) });
    expect(await isIn(again)).toBe(true);

    await own(browser);
    expect((await change(browser)).text).toContain(en.wrongCode);
    expect((await change(browser, { code: codeOf(seed) })).text).toContain(en.own.done.password);
    expect(await told(id)).toEqual(
      expect.arrayContaining(['codes-on 0', 'password-set 4', 'password-set 0']),
    );
  });

  test.each([en, es])(
    'D.4 the key is shown as a QR code too, with a text for who does not see it',
    async (texts) => {
      const { browser } = await person(`scans-${texts.own.key}`);
      await browser.open(`${server.issuer}/account?language=${texts === es ? 'es' : 'en'}`);
      const { text, headers } = await browser.submit({ do: 'codes-begin' }, { present: password });
      const link = /href="(otpauth:[^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&');
      expect(scanned(text)).toBe(link);
      expect(text).toContain(`role="img" aria-label="${texts.own.picture}"`);
      // nothing is loaded for it, and no script draws it
      expect(text).not.toMatch(/<img|<script|style=/);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
    },
  );

  test('D.4 they are switched off with the present password and a code', async () => {
    const { id, browser } = await person('uncoder');
    const seed = await withCodes(browser);
    const elsewhere = await signedIn('uncoder');
    await elsewhere.submit({ do: 'code' }, { code: codeOf(seed) });
    await own(browser);
    const off = (fields: Readonly<Record<string, string>>): Promise<Received> =>
      browser.submit({ do: 'codes-off' }, { present: password, code: '', ...fields });
    expect((await off({})).text).toContain(en.wrongCode);
    expect((await off({ present: 'wrong', code: codeOf(seed) })).text).toContain(en.own.wrongPresent);
    expect((await off({ code: codeOf(seed) })).text).toContain(en.own.done['codes-off']);
    expect([await isIn(browser), await isIn(elsewhere)]).toEqual([true, false]);
    expect(await isIn(await signedIn('uncoder'))).toBe(true);
    expect(await told(id)).toEqual(expect.arrayContaining(['codes-off 4', 'codes-off 0']));
  });

  test('D.4 neighbour: a key that is not proved asks nobody for codes, and is of one session', async () => {
    const { browser } = await person('unsure');
    await own(browser);
    const { text } = await browser.submit({ do: 'codes-begin' }, { present: password });
    const seed = fromBase32(/secret=([A-Z2-7]+)/.exec(text)?.[1] ?? '');
    expect((await browser.submit({ do: 'codes-on' }, { code: '12345x' })).text).toContain(en.wrongCode);
    expect(browser.page?.text).toContain(text.slice(text.indexOf('<code>'), text.indexOf('</code>'))); // the same
    const other = await signedIn('unsure');
    await own(other);
    const proof = /name="proof" value="([^"]*)"/.exec(other.page?.text ?? '')?.[1] ?? '';
    const form = { do: 'codes-on', proof, code: codeOf(seed) };
    const refused = await other.open(`${server.issuer}/account`, { form });
    expect(refused.text).toContain(en.own.setUpExpired);
    expect(await isIn(await signedIn('unsure'))).toBe(true);
    later += 11 * 60_000;
    const late = await browser.submit({ do: 'codes-on' }, { code: codeOf(seed) });
    expect(late.text).toContain(en.own.setUpExpired);
  });

  test('D.4 neighbour: a wrong password begins nothing', async () => {
    const { browser } = await person('mistaken');
    await own(browser);
    const { text } = await browser.submit({ do: 'codes-begin' }, { present: 'wrong' });
    expect(text).toContain(en.own.wrongPresent);
    expect(text).not.toContain('otpauth');
  });

  test('D.4 neighbour: an account without a password is told to ask for a link; the page is in Spanish, too', async () => {
    const { id, browser } = await person('spanish');
    expect((await own(browser, 'es')).text).toContain(es.own.changePassword);
    await server.accounts.change(id, ({ password: _password, ...account }) => account);
    const { text } = await own(browser, 'es');
    expect(text).toContain(es.own.noPassword);
    expect(text).not.toContain('type="password"');
  });
});
