import { codeAt } from '../../../src/http/smart/oneTimeCode.ts';
import { demoAppPage } from '../../../src/http/smart/page/demoApp.ts';
import { makeLink } from '../../../src/http/smart/links.ts';
import { password, type SmartTest } from '../browser.ts';
import { fromBase32 } from '../fromBase32.ts';
import { faultsOf } from './looks.ts';
import type { Person } from './person.ts';

interface Place {
  readonly server: SmartTest;
  readonly launch: string; // where the app launches by itself
  readonly account: string; // a name; of staff, who pick patients
  readonly code: string; // of the language
}

/** Goes through every page as a person meets it; answers what is wrong with how they look and are read out. */
export async function tour(
  person: Person,
  { server, launch, account, code: language }: Place,
): Promise<string[]> {
  const { page, texts } = person;
  const { id } = (await server.accounts.byName(account)) ?? { id: '' };
  const faults: string[] = [];
  const look = async (name: string): Promise<void> => {
    faults.push(...(await faultsOf(page, `${name}-${language}`)));
  };
  const fill = async (label: string, text: string, nth = 0): Promise<void> =>
    page.getByLabel(label, { exact: true }).nth(nth).fill(text);
  /** Presses a button, and waits for the page that comes of it. */
  const go = async (name: string): Promise<void> => {
    const moved = page.waitForEvent('framenavigated');
    await person.press(name);
    await moved;
    await page.waitForLoadState();
  };
  const at = (path: string): Promise<unknown> => page.goto(`${server.issuer}${path}`);

  await page.goto(new URL(server.base).origin);
  await look('home');
  const explanation = { id: 'eob-1', on: '2026-06-01', kind: 'professional', submitted: 1234.5, paid: 1000 };
  for (const explanations of [[], [{ ...explanation, owed: undefined }]]) {
    const { html } = demoAppPage({
      ...{ language: { code: language, texts }, patient: 'Maximiliana Prescott-Featherstonehaugh' },
      ...{ scope: 'launch/patient openid patient/*.rs', manage: '/auth/apps', explanations },
    });
    await page.goto('about:blank'); // the page before would hold this one to its own policy
    await page.setContent(html);
    await look(`demo-${explanations.length}`);
  }
  const link = await makeLink(server.context.store.records, server.context.now, {
    purpose: 'password',
    account: id,
  });
  await at(`/link/${link}`);
  await look('link');
  await fill(texts.newPassword, password);
  await fill(texts.newPasswordAgain, `${password}!`);
  await go(texts.goOn);
  await look('link-wrong');
  await at('/link/no-such-link-0123456789-0123456789-012345678');
  await look('problem');
  await at('/no-such-page');
  await look('not-found');

  await page.goto(launch);
  await page.getByLabel(texts.accountName).waitFor(); // the app's own page sends the browser on
  await look('sign-in');
  await fill(texts.accountName, account);
  await fill(texts.password, 'not the password');
  await go(texts.signIn);
  await look('sign-in-wrong');
  await person.signIn(account);
  await page.getByRole('heading', { name: texts.choosePatient }).waitFor();
  await look('pick');
  await page.getByRole('textbox').fill('nobody of that name');
  await go(texts.find);
  await look('pick-none');
  await page.getByRole('textbox').fill('prescott');
  await go(texts.find);
  await page.getByRole('button', { name: /Prescott/ }).click();
  await page.getByRole('heading', { name: texts.chooseEncounter }).waitFor();
  await look('pick-visit');
  await go(texts.noEncounter);
  await person.sees(texts.asksFor);
  await look('consent');
  await go(texts.allow);
  await page.locator('#state').filter({ hasText: 'done' }).waitFor();

  await at('/apps');
  await look('apps');
  await go(texts.revoke('Bills at a Glance'));
  await look('apps-none');
  await at('/account');
  await look('account');
  await fill(texts.own.present, 'not the password', 1);
  await go(texts.own.turnOn);
  await look('account-wrong');
  await fill(texts.own.present, password, 1);
  await go(texts.own.turnOn);
  await look('account-key');
  const uri = await page.getByRole('link', { name: texts.own.openAuthenticator }).getAttribute('href');
  const seed = fromBase32(new URL(uri ?? '').searchParams.get('secret') ?? '');
  // this code, and later the one after it, are taken for half a minute at least, however slow the machine is
  await fill(texts.code, codeAt(seed, Math.floor(Date.now() / 30_000)));
  await go(texts.own.turnOn);
  await look('account-codes');
  await at('/apps');
  await go(texts.signOut);
  await look('signed-out');
  await person.signIn(account);
  await look('code');
  await fill(texts.code, '000000');
  await go(texts.goOn);
  await look('code-wrong');
  await fill(texts.code, codeAt(seed, Math.floor(Date.now() / 30_000) + 1));
  await go(texts.goOn);
  await person.sees(texts.appsTitle);
  await server.accounts.dropCodes(id);
  return faults;
}
