import type { IncomingMessage, ServerResponse } from 'node:http';
import { addressIn } from '../exchange.ts';
import { AccountError, refuseWeak, type Account } from './accounts.ts';
import { findClient, listClients } from './clients.ts';
import { isOfOurPage, isProof, proofOf, readForm, redirect, sendPage } from './forms.ts';
import { grantedApps, takeBack } from './grants.ts';
import { makeLaunch } from './launchContext.ts';
import { linkOf, useLink } from './links.ts';
import { answerOwnAccount } from './ownAccount.ts';
import { hashedPassword, PasswordsBusy } from './passwordHash.ts';
import { appsPage } from './page/apps.ts';
import { newPasswordPage } from './page/newPassword.ts';
import { problemPage } from './page/problem.ts';
import { languageOf, type Language } from './page/text.ts';
import { beginSession, endSession, signedIn, type SignedIn } from './session.ts';
import { SignInSteps } from './signInSteps.ts';
import type { SmartServer } from './smartServer.ts';

interface Asked {
  readonly server: SmartServer;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly language: Language;
  readonly where: string; // the path of the authorization server
  readonly secret: string;
}

/** Answers the pages that belong to no authorization; false where there is none of that path. */
export async function answerPage(
  server: SmartServer,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const { method } = request;
  if (method !== 'GET' && method !== 'POST') return false;
  const asked: Asked = {
    ...{ server, request, response },
    language: languageOf(request),
    where: new URL(server.issuer).pathname,
    secret: await server.secretFor('form'),
  };
  const link = /^\/link\/([^/]+)$/.exec(path)?.[1];
  if (link !== undefined) await answerLink(asked, link);
  else if (path === '/sign-in') await answerSignIn(asked);
  else if (path === '/account') await answerAccount(asked);
  else if (path === '/apps' || path === '/' || path === '') await answerApps(asked);
  else return false;
  return true;
}

/** The form of a post, if it is one of ours; a page says so otherwise. */
async function formOf(
  { server, request, response, language, secret }: Asked,
  of: string,
): Promise<URLSearchParams | undefined> {
  const form = await readForm(request);
  if (isOfOurPage(request, server.issuer) && isProof(form.get('proof'), proofOf(secret, of))) return form;
  sendPage(response, problemPage(language, 'form', 403));
  return undefined;
}

async function answerSignIn(asked: Asked): Promise<void> {
  const { server, request, response, language, where, secret } = asked;
  // Nobody is signed in, so no session proves the form: where it comes from does.
  const of = 'sign-in';
  const form = request.method === 'POST' ? await formOf(asked, of) : undefined;
  if (request.method === 'POST' && !form) return;
  const address = addressIn(response);
  const shown = { address, action: `${where}/sign-in`, proof: proofOf(secret, of) };
  const next = await new SignInSteps(server, language, shown).take(form);
  if ('page' in next) {
    sendPage(response, next.page);
    return;
  }
  await beginSession(server, next.account.id, request, response);
  redirect(response, `${where}/apps`);
}

async function answerAccount(asked: Asked): Promise<void> {
  const { server, request, response, where, secret } = asked;
  const known = await signedIn(server, request, response);
  if (!known) {
    redirect(response, `${where}/sign-in`);
    return;
  }
  const of = known.session.uid;
  const form = request.method === 'POST' ? await formOf(asked, of) : undefined;
  if (request.method === 'POST' && !form) return;
  await answerOwnAccount({ ...asked, known, proof: proofOf(secret, of) }, form);
}

async function answerApps(asked: Asked): Promise<void> {
  const { server, request, response, where } = asked;
  const known = await signedIn(server, request, response);
  if (!known) {
    redirect(response, `${where}/sign-in`);
    return;
  }
  if (request.method === 'GET') {
    await showApps(asked, known);
    return;
  }
  const form = await formOf(asked, known.session.uid);
  if (!form) return;
  const { account, session } = known;
  const who = { a: addressIn(response), u: account.id, f: account.users[0] };
  switch (form.get('do')) {
    case 'sign-out':
      await endSession(server, session);
      await server.tell({ ...who, e: 'sign-out', s: '0' });
      redirect(response, `${where}/sign-in`);
      return;
    case 'sign-out-everywhere':
      await endSession(server, session);
      await server.accounts.endSessions(account.id);
      await server.tell({ ...who, e: 'sign-out', s: '0' });
      redirect(response, `${where}/sign-in`);
      return;
    case 'open':
      await openApp(asked, account, form.get('client') ?? '');
      return;
    default: {
      const client = form.get('revoke') ?? '';
      const apps = await grantedApps(server.records, account.id);
      const ended = apps.filter((app) => app.client === client).map(({ grant }) => grant);
      await takeBack(server.records, ended, () => server.tokens.watch.tell());
      await server.tell({ ...who, e: 'token-taken-back', s: '0', c: client });
      await showApps(asked, known, true);
    }
  }
}

async function showApps(
  { server, response, language, where, secret }: Asked,
  { account, session }: SignedIn,
  isRevoked = false,
): Promise<void> {
  const [granted, clients] = [
    await grantedApps(server.records, account.id),
    await listClients(server.records),
  ];
  const names = new Map(clients.map(({ id, name }) => [id, name]));
  sendPage(
    response,
    appsPage({
      language,
      action: `${where}/apps`,
      own: `${where}/account`,
      proof: proofOf(secret, session.uid),
      user: account.name,
      isRevoked,
      granted: [...Map.groupBy(granted, ({ client }) => client)].map(([client, grants]) => ({
        client,
        name: names.get(client) ?? client,
        since: grants.map(({ since }) => since).sort()[0] ?? '',
      })),
      launched: clients.flatMap(({ id, name, launchUri }) =>
        launchUri === undefined ? [] : [{ id, name, launchUri }],
      ),
    }),
  );
}

/** Opens an app out of this server (EHR launch); it asks for the patient itself. */
async function openApp(asked: Asked, account: Account, id: string): Promise<void> {
  const { server, response, language } = asked;
  const client = await findClient(server.records, id);
  if (client?.launchUri === undefined) sendPage(response, problemPage(language, 'invalid_client'));
  else redirect(response, await launchUrl(server, account.id, { client: id, launchUri: client.launchUri }));
}

/** Where an app is opened with what is on the screen. */
export async function launchUrl(
  { records, now, base }: Pick<SmartServer, 'records' | 'now' | 'base'>,
  account: string,
  {
    client,
    launchUri,
    patient,
  }: { readonly client: string; readonly launchUri: string; readonly patient?: string },
): Promise<string> {
  const context = patient === undefined ? {} : { patient };
  const url = new URL(launchUri);
  url.searchParams.set('iss', base);
  url.searchParams.set('launch', await makeLaunch(records, now, { client, account, context }));
  return url.href;
}

/** A one-time link: of the demo, which signs in; or of an administrator, with which a password is chosen. */
async function answerLink(asked: Asked, value: string): Promise<void> {
  const { server, request, response, language, where, secret } = asked;
  const link = /^[A-Za-z0-9_-]{43}$/.test(value) ? await linkOf(server.records, value) : undefined;
  if (!link || (link.purpose === 'demo' && !(server.isLocal && server.settings.auth === 'off'))) {
    sendPage(response, problemPage(language, 'link', 404));
    return;
  }
  const account = await server.accounts.byId(link.account);
  if (!account || account.isLocked === true) {
    sendPage(response, problemPage(language, 'link', 404));
    return;
  }
  if (link.purpose === 'demo') {
    if (!(await useLink(server.records, value))) {
      sendPage(response, problemPage(language, 'link', 404));
      return;
    }
    await beginSession(server, account.id, request, response);
    const who = { a: addressIn(response), u: account.id, f: account.users[0] };
    await server.tell({ ...who, e: 'sign-in', s: '0' });
    const { client, launchUri, patient } = link;
    const opens = client === undefined || launchUri === undefined ? undefined : { client, launchUri };
    const target =
      opens && (await launchUrl(server, account.id, patient === undefined ? opens : { ...opens, patient }));
    redirect(response, target ?? `${where}/apps`);
    return;
  }
  const shown = {
    language,
    action: `${where}/link/${value}`,
    proof: proofOf(secret, value),
    name: account.name,
  };
  if (request.method === 'GET') {
    sendPage(response, newPasswordPage(shown));
    return;
  }
  const form = await formOf(asked, value);
  if (!form) return;
  const password = form.get('password') ?? '';
  const { texts } = language;
  if (password !== form.get('again')) {
    sendPage(response, newPasswordPage({ ...shown, wrong: texts.notTheSame }));
    return;
  }
  await setPassword(asked, value, account, password, (wrong) => newPasswordPage({ ...shown, wrong }));
}

async function setPassword(
  { server, response, language, where }: Asked,
  link: string,
  account: Account,
  password: string,
  again: (wrong: string) => ReturnType<typeof newPasswordPage>,
): Promise<void> {
  try {
    refuseWeak(password);
    const hash = await hashedPassword(password); // what may fail comes before the link is used up
    if (!(await useLink(server.records, link))) {
      sendPage(response, problemPage(language, 'link', 404));
      return;
    }
    await server.accounts.setPasswordHash(account.id, hash);
    const who = { a: addressIn(response), u: account.id, f: account.users[0] };
    await server.tell({ ...who, e: 'password-set', s: '0' });
    redirect(response, `${where}/sign-in`);
  } catch (error) {
    if (error instanceof PasswordsBusy) sendPage(response, { ...again(language.texts.busy), status: 503 });
    else if (error instanceof AccountError) sendPage(response, again(language.texts.passwordRules));
    else throw error;
  }
}
