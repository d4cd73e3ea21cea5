import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { ExplanationOfBenefit } from '@medplum/fhirtypes';
import { seed } from '../../../src/command/seed.ts';
import { en } from '../../../src/http/smart/text/en.ts';
import { es } from '../../../src/http/smart/text/es.ts';
import { find } from '../../../src/interaction/repository.ts';
import { password, smartTest, type SmartTest } from '../browser.ts';
import { serveApp, type App } from './app.ts';
import { runChromium, type Running } from './chromium.ts';
import { Person } from './person.ts';
import { tour } from './tour.ts';

/** The demo practice and a SMART app that nobody here wrote, in a browser. */
let server: SmartTest;
let app: App;
let chromium: Running;
let person: Person;

const closes: (() => Promise<void>)[] = [];
async function opened<T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> {
  const one = await opening;
  closes.push(() => one.close());
  return one;
}

beforeAll(async () => {
  chromium = await opened(runChromium());
  server = await opened(smartTest());
  app = await opened(serveApp('app'));
  await seed(server.context);
  await server.client({
    ...{ id: 'app', name: 'Bills at a Glance' },
    redirectUris: [`${app.url}/`],
    launchUri: `${app.url}/launch`,
  });
  const practices = ['alder-street-clinic'];
  for (const account of [
    { name: 'dana', roles: ['patient'], users: ['Patient/dana-prescott'] },
    { name: 'ana', roles: ['biller'], users: ['Practitioner/victor-lane'], practices },
    { name: 'biller', roles: ['biller'], users: ['Practitioner/victor-lane'], practices },
  ])
    await server.accounts.setPassword((await server.accounts.add(account)).id, password);
  person = await Person.at(chromium.browser, { texts: en });
});
afterAll(async () => {
  for (const close of closes.reverse()) await close();
});
afterEach(() => {
  expect(person.refused.splice(0)).toEqual([]);
});

const state = (): Promise<string> => person.page.locator('#state').innerText();
const stateIs = (text: string): Promise<void> =>
  person.page.locator('#state').filter({ hasText: text }).waitFor();

const launchAlone = (): Promise<unknown> =>
  person.page.goto(`${app.url}/launch?iss=${encodeURIComponent(server.base)}`);

/** What the app shows of a patient: the ExplanationOfBenefits that the server holds, each with its charge. */
async function expectExplanationsOf(patient: string): Promise<void> {
  await stateIs('done');
  const held = (await find(server.context.store, 'ExplanationOfBenefit', {
    ...{ patient, _sort: 'created' },
  })) as readonly ExplanationOfBenefit[];
  expect(held.length).toBeGreaterThan(0);
  const lines = held.map(({ id, total = [] }) => {
    const submitted = total.find(({ category }) => category.coding?.[0]?.code === 'submitted');
    return `${id ?? ''} Patient/${patient} ${submitted?.amount.value?.toFixed(2) ?? ''}`;
  });
  expect(await person.page.locator('li').allTextContents()).toEqual(lines);
  expect(await person.page.locator('#patient').textContent()).toBe(patient);
}

describe('D 4 fhirclient in Chromium', () => {
  test('standalone launch: a patient signs in, allows it, and sees their explanations', async () => {
    await launchAlone();
    await person.sees('Sign in to go on to Bills at a Glance');
    await person.signIn('dana');
    await person.sees('Dana Prescott');
    await person.press('Allow');
    await expectExplanationsOf('dana-prescott');
    expect(await person.page.locator('#user').textContent()).toBe('Patient/dana-prescott');
  });

  test('refresh: the app gets another token and reads on with it', async () => {
    await person.press('Refresh');
    await stateIs('refreshed');
    await person.press('Read again');
    await expectExplanationsOf('dana-prescott');
  });

  test('revoke: the person takes access back, and the app reads and refreshes no more', async () => {
    await person.inAnotherTab(async () => {
      await person.page.goto(`${server.issuer}/apps`);
      await person.press('Take access of Bills at a Glance back');
      await person.sees('The access was taken back.');
      await person.sees('No app has access on your behalf.');
    });
    await person.press('Read again');
    await stateIs('failed');
    expect(await state()).toMatch(/invalid_grant|401|no longer/);
    await person.press('Refresh');
    await stateIs('failed');
  });

  test('refusal: the app is told that the person did not allow it', async () => {
    await launchAlone();
    await person.press('Do not allow');
    await stateIs('failed');
    expect(await state()).toContain('the user did not allow it');
    expect(await person.page.locator('li').count()).toBe(0);
  });

  test('EHR launch: staff open the app, search for a patient, pick them, allow it', async () => {
    await person.leave();
    person = await Person.at(chromium.browser, { texts: en });
    await person.page.goto(`${server.issuer}/sign-in`);
    await person.signIn('biller');
    await person.press('Open Bills at a Glance');
    await person.page.getByRole('heading', { name: 'Choose a patient' }).waitFor();
    await person.page.getByRole('textbox').fill('prescott');
    await person.press('Search');
    await person.page.getByRole('button', { name: /Prescott/ }).click();
    await person.press('Allow');
    await expectExplanationsOf('dana-prescott');
    expect(await person.page.locator('#user').textContent()).toBe('Practitioner/victor-lane');
  });
});

describe('D 4 how the pages look and are read out', () => {
  test('a launch is done by keyboard alone, and where the keys go is seen', async () => {
    await person.leave();
    person = await Person.at(chromium.browser, { texts: en });
    const { page } = person;
    await launchAlone();
    await page.getByLabel(en.accountName).waitFor();
    for (const [selector, keys] of [
      ['#name', 'biller'],
      ['#password', password],
      ['[value="sign-in"]', 'Enter'],
      ['#find', 'prescott'],
      ['[value="find"]', 'Enter'],
      ['button.row', 'Enter'],
      ['#scope-0', ' '],
      ['#scope-0', ' '],
      ['[value="allow"]', 'Enter'],
    ] as const) {
      await page.locator(selector).first().waitFor();
      const isThere = (): Promise<boolean> => page.evaluate(`document.activeElement.matches('${selector}')`);
      for (let i = 0; i < 20 && !(await isThere()); i++) await page.keyboard.press('Tab');
      expect([selector, await isThere()]).toEqual([selector, true]);
      expect(await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`)).toBe('solid');
      if (keys === 'Enter') await page.keyboard.press('Enter');
      else await page.keyboard.type(keys);
    }
    await expectExplanationsOf('dana-prescott');
  });

  test.each([
    ['en', en, 'ana'],
    ['es', es, 'ana'],
  ])(
    'every page in %s, at 320 and 1,280 pixels: axe finds nothing, nothing is cut',
    async (code, texts, account) => {
      await person.leave();
      person = await Person.at(chromium.browser, { locale: code, texts });
      const scope =
        'launch/patient launch/encounter openid fhirUser offline_access patient/*.rs user/Claim.cruds';
      const query = new URLSearchParams({ iss: server.base, scope });
      const launch = `${app.url}/launch?${query.toString()}`;
      expect(await tour(person, { server, launch, account, code })).toEqual([]);
    },
  );
});
