import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import type { Account } from './accounts.ts';
import { grantedApps, takeBack } from './grants.ts';
import { lasts } from './lasts.ts';
import type { SmartServer } from './smartServer.ts';

type Session = Awaited<ReturnType<Provider['Session']['get']>>;

/** Who is signed in at a browser, and the session that says so. */
export interface SignedIn {
  readonly account: Account;
  readonly session: Session;
}

/** The session of a request, the same that authorizations use. */
async function sessionOf(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Session> {
  return provider.Session.get(provider.createContext(request, response));
}

export async function signedIn(
  server: SmartServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<SignedIn | undefined> {
  const session = await sessionOf(await server.provider(), request, response);
  const account = session.accountId === undefined ? undefined : await server.accounts.byId(session.accountId);
  return account && account.isLocked !== true ? { account, session } : undefined;
}

/** Begins a session under a new id: one that somebody else set before is none. */
export async function beginSession(
  server: SmartServer,
  account: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const provider = await server.provider();
  const former = await sessionOf(provider, request, response);
  if (former.accountId !== undefined) await endSession(server, former);
  const session = new provider.Session();
  session.loginAccount({ accountId: account, loginTs: Math.floor(Date.parse(server.now()) / 1000) });
  await session.save(lasts.session);
  const { cookies } = provider.createContext(request, response);
  const isSecure = server.issuer.startsWith('https:');
  cookies.set(provider.cookieName('session'), session.jti, {
    ...{ httpOnly: true, sameSite: 'lax', secure: isSecure, signed: true, maxAge: lasts.session * 1000 },
  });
}

/** Ends a session, and what apps were allowed only as long as it lasts. */
export async function endSession(server: SmartServer, session: Session): Promise<void> {
  const { accountId, uid } = session;
  await session.destroy();
  if (accountId === undefined) return;
  const apps = await grantedApps(server.records, accountId);
  const ended = apps.filter((app) => app.session === uid).map(({ grant }) => grant);
  await takeBack(server.records, ended, () => server.tokens.watch.tell());
}
