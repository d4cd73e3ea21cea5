import type { IncomingMessage, ServerResponse } from 'node:http';
import { addressIn, queryOf } from '../exchange.ts';
import { AccountError, refuseWeak, type Account } from './accounts.ts';
import { redirect, sendPage } from './forms.ts';
import { newSeed, seedText, seedUri, stepOfCode } from './oneTimeCode.ts';
import { ownAccountPage, setUpCodesPage, type OwnForm } from './page/ownAccount.ts';
import type { Page } from './page/html.ts';
import type { Language } from './page/text.ts';
import { hashedPassword, PasswordsBusy } from './passwordHash.ts';
import { hashed, sealed, unsealed } from './sealed.ts';
import { beginSession, type SignedIn } from './session.ts';
import type { SmartServer } from './smartServer.ts';
import { storeSecret } from './storeSecret.ts';

interface Asked {
  readonly server: SmartServer;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly language: Language;
  readonly where: string; // the path of the authorization server
  readonly proof: string;
  readonly known: SignedIn;
}

type Done = 'password' | 'codes-on' | 'codes-off';
const events = { password: 'password-set', 'codes-on': 'codes-on', 'codes-off': 'codes-off' } as const;

const seedKind = 'seed-to-prove';
const seedLasts_ms = 10 * 60_000;

/** Answers the page on which a person changes their password, and switches one-time codes on and off. */
export async function answerOwnAccount(asked: Asked, form: URLSearchParams | undefined): Promise<void> {
  try {
    const page = form === undefined ? shownPage(asked) : await act(asked, form);
    if (page) sendPage(asked.response, page);
  } catch (error) {
    if (!(error instanceof PasswordsBusy)) throw error;
    const page = wrongIn(asked, 'password', asked.language.texts.busy);
    sendPage(asked.response, { ...page, status: 503 });
  }
}

/** The page to show; undefined where the browser was sent on. */
async function act(asked: Asked, form: URLSearchParams): Promise<Page | undefined> {
  switch (form.get('do')) {
    case 'password':
      return changePassword(asked, form);
    case 'codes-begin':
      return beginCodes(asked, form);
    case 'codes-on':
      return proveCodes(asked, form);
    case 'codes-off':
      return endCodes(asked, form);
    default:
      return shownPage(asked);
  }
}

async function changePassword(asked: Asked, form: URLSearchParams): Promise<Page | undefined> {
  const { server, language, known } = asked;
  const { texts } = language;
  const password = form.get('password') ?? '';
  if (password !== form.get('again')) return wrongIn(asked, 'password', texts.notTheSame);
  try {
    refuseWeak(password);
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
    return wrongIn(asked, 'password', texts.passwordRules);
  }
  const wrong = await wrongProof(asked, form, 'password');
  if (wrong !== undefined) return wrongIn(asked, 'password', wrong);
  await server.accounts.setPasswordHash(known.account.id, await hashedPassword(password));
  return finish(asked, 'password');
}

/** Makes a seed and shows it. It counts when a code of it was entered, in the session in which it was shown. */
async function beginCodes(asked: Asked, form: URLSearchParams): Promise<Page> {
  const { server, known } = asked;
  if (known.account.seed !== undefined) return shownPage(asked);
  const wrong = await wrongProof(asked, form, 'codes-on');
  if (wrong !== undefined) return wrongIn(asked, 'codes', wrong);
  const seed = newSeed();
  await server.records.keep({
    kind: seedKind,
    key: hashed(known.session.uid),
    value: JSON.stringify(sealed(seed.toString('base64url'), await storeSecret(server.records))),
    expires: Date.parse(server.now()) + seedLasts_ms,
  });
  return setUpPage(asked, seed);
}

async function proveCodes(asked: Asked, form: URLSearchParams): Promise<Page | undefined> {
  const { server, language, known } = asked;
  const key = hashed(known.session.uid);
  const found = await server.records.find(seedKind, key);
  if (!found || known.account.seed !== undefined)
    return wrongIn(asked, 'codes', language.texts.own.setUpExpired);
  const text = unsealed(JSON.parse(found.value) as string, await storeSecret(server.records));
  const seed = Buffer.from(text, 'base64url');
  const step = stepOfCode(seed, (form.get('code') ?? '').trim(), Date.parse(server.now()));
  if (step === undefined) return setUpPage(asked, seed, language.texts.wrongCode);
  if (!(await server.records.remove(seedKind, key)))
    return wrongIn(asked, 'codes', language.texts.own.setUpExpired);
  await server.accounts.useSeed(known.account.id, seed, step);
  return finish(asked, 'codes-on');
}

async function endCodes(asked: Asked, form: URLSearchParams): Promise<Page | undefined> {
  const { server, known } = asked;
  if (known.account.seed === undefined) return shownPage(asked);
  const wrong = await wrongProof(asked, form, 'codes-off');
  if (wrong !== undefined) return wrongIn(asked, 'codes', wrong);
  await server.accounts.dropCodes(known.account.id);
  return finish(asked, 'codes-off');
}

/** Whether it is the person themselves: their present password and, where codes are on, one of them. */
async function wrongProof(asked: Asked, form: URLSearchParams, what: Done): Promise<string | undefined> {
  const { server, language, known } = asked;
  const { texts } = language;
  const { account } = known;
  const found = await server.accounts.signIn(account.name, form.get('present') ?? '');
  const isThem = found.is === 'account' && found.account.id === account.id;
  const wrong =
    found.is === 'waiting'
      ? texts.waiting
      : !isThem
        ? texts.own.wrongPresent
        : await wrongCodeOf(asked, found.account, form.get('code') ?? '');
  if (wrong !== undefined) await server.tell({ ...whoOf(asked), e: events[what], s: '4' });
  return wrong;
}

async function wrongCodeOf(
  { server, language }: Asked,
  account: Account,
  code: string,
): Promise<string | undefined> {
  if (account.seed === undefined) return undefined;
  return (await server.accounts.takeCode(account, code.trim())) ? undefined : language.texts.wrongCode;
}

/** Ends every session, here a new one begins; records what was done. */
async function finish(asked: Asked, done: Done): Promise<undefined> {
  const { server, request, response, where, known } = asked;
  await server.accounts.endSessions(known.account.id);
  await beginSession(server, known.account.id, request, response);
  await server.tell({ ...whoOf(asked), e: events[done], s: '0' });
  redirect(response, `${where}/account?done=${done}`);
}

const whoOf = ({ response, known: { account } }: Asked) => ({
  ...{ a: addressIn(response), u: account.id, f: account.users[0] },
});

function pageOf({ language, where, proof, known: { account } }: Asked) {
  return {
    ...{ language, proof, action: `${where}/account`, apps: `${where}/apps`, user: account.name },
    hasPassword: account.password !== undefined,
    hasCodes: account.seed !== undefined,
  };
}

function shownPage(asked: Asked): Page {
  const said = /^done=(password|codes-on|codes-off)$/.exec(queryOf(asked.request.url ?? ''))?.[1];
  const done = said === 'password' || said === 'codes-on' || said === 'codes-off' ? said : undefined;
  return ownAccountPage({ ...pageOf(asked), done });
}

const wrongIn = (asked: Asked, form: OwnForm, text: string): Page =>
  ownAccountPage({ ...pageOf(asked), wrong: { in: form, text } });

function setUpPage(
  { language, where, proof, known: { account } }: Asked,
  seed: Buffer,
  wrong?: string,
): Page {
  const action = `${where}/account`;
  return setUpCodesPage({
    language,
    action,
    proof,
    key: seedText(seed),
    uri: seedUri(seed, account.name),
    wrong,
  });
}
