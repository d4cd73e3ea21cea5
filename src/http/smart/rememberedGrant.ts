import { isDeepStrictEqual } from 'node:util';
import type { Provider } from 'oidc-provider';
import type { Records } from '../../store/record.ts';
import type { Accounts } from './accounts.ts';
import type { ChartServer } from './chart.ts';
import { chooseContext, launchedContext } from './chooseContext.ts';
import { grantedApps } from './grants.ts';
import { contextOfGrant, type LaunchContext } from './launchContext.ts';
import type { SmartClient } from './smartProvider.ts';

interface Remembering {
  readonly provider: Provider;
  readonly client: SmartClient;
  readonly account: string; // an id
  readonly session: string | undefined; // its uid
  readonly scopes: readonly string[]; // that were asked for and can be granted
  readonly context: LaunchContext; // what the app is opened for
}

/**
 * The grant that a person gave an app before, where the app is registered for that and what it asks for now was all asked
 * for then: the same scopes or fewer, the same patient and visit. What lasts for a session counts in that session only.
 * Revoking it ends it, for it is the grant itself that is used again. An app on a person's own device is always asked
 * about: anything there may pretend to be it (RFC 8252, 8.6).
 */
export async function rememberedGrant(
  { records }: { readonly records: Records },
  { provider, client, account, session, scopes, context }: Remembering,
): Promise<string | undefined> {
  if (client.remembers_consent !== true || client.applicationType === 'native') return undefined;
  const apps = await grantedApps(records, account);
  for (const app of apps.toSorted((a, b) => (a.since < b.since ? 1 : -1))) {
    if (app.client !== client.clientId || (app.session !== undefined && app.session !== session)) continue;
    const grant = await provider.Grant.find(app.grant);
    if (!grant || grant.accountId !== account || grant.clientId !== client.clientId) continue;
    const encountered = new Set(grant.getOIDCScopeEncountered().split(' '));
    const granted = new Set(grant.getOIDCScope().split(' '));
    const isCovered =
      scopes.every((scope) => encountered.has(scope)) && scopes.some((one) => granted.has(one));
    if (isCovered && isDeepStrictEqual(await contextOfGrant(records, app.grant), context)) return app.grant;
  }
  return undefined;
}

/** The same where nobody may be asked anything: what the app is opened for has to be known without a page. */
export async function silentGrant(
  server: ChartServer & { readonly records: Records; readonly accounts: Accounts },
  { launch, ...asked }: Omit<Remembering, 'context'> & { readonly launch: unknown },
): Promise<string | undefined> {
  const { client, scopes } = asked;
  if (client.remembers_consent !== true) return undefined;
  const account = await server.accounts.byId(asked.account);
  if (!account || account.isLocked === true) return undefined;
  const launched = await launchedContext(server, { launch, client: client.clientId, account: account.id });
  if (!launched) return undefined;
  const chosen = await chooseContext(server, { account, scopes, launched, form: new URLSearchParams() });
  if (chosen.is !== 'chosen') return undefined;
  return rememberedGrant(server, { ...asked, context: chosen.context });
}
