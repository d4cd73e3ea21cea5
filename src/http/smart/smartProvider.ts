import { errors, Provider, type Client, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import type { JWK } from 'jose';
import { plainScopes, supportedScopes } from '../../access/scope.ts';
import type { Records } from '../../store/record.ts';
import type { TellEvent } from '../audit/authorizationEvents.ts';
import { addressIn } from '../exchange.ts';
import type { Accounts } from './accounts.ts';
import { promptAdded } from './authorizeRequest.ts';
import { clientProperties } from './clients.ts';
import { guardedFetch } from './guardedFetch.ts';
import { contextMembers, contextOfGrant } from './launchContext.ts';
import { lasts } from './lasts.ts';
import { recordAdapter } from './recordAdapter.ts';
import { recordRefusals } from './refusals.ts';
import { isClientSecret } from './sealed.ts';
import { grantable, isForSession, type ParseScope } from './scopes.ts';
import { refuseForStrangers } from './strangers.ts';

export interface ProviderOptions {
  readonly records: Records;
  readonly now: () => string;
  readonly accounts: Accounts;
  readonly base: string; // of FHIR
  readonly issuer: string;
  readonly keys: readonly JWK[];
  readonly cookieKeys: readonly string[];
  readonly parse: ParseScope;
  readonly revoked: () => Promise<void>;
  readonly tell: TellEvent;
  readonly registration: boolean;
  readonly isLocal: boolean; // reached from its own machine only
  /** The grant of an earlier consent that holds for a request, see rememberedGrant.ts. */
  readonly remembered: (asked: {
    readonly provider: Provider;
    readonly client: SmartClient;
    readonly account: string;
    readonly session: string | undefined;
    readonly scopes: readonly string[];
    readonly launch: unknown;
  }) => Promise<string | undefined>;
  readonly renderError: (ctx: KoaContextWithOIDC, out: { error: string }) => void;
}

/** A client with what SMART adds to it. */
export type SmartClient = Client & {
  readonly smart_scope?: string;
  readonly smart_version?: string;
  readonly introspects?: boolean;
  readonly remembers_consent?: boolean;
  readonly launch_uri?: string;
  readonly roles?: readonly string[];
  readonly practices?: readonly string[];
};

const signedBy = ['RS384', 'ES384', 'RS256', 'ES256', 'PS256', 'PS384'] as const;
const assertionLasts_s = 300;
const clockTolerance_s = 15;

/** The authorization server as oidc-provider builds it. See docs/decision/0027. */
export function smartProvider(options: ProviderOptions): Provider {
  const provider = new Provider(options.issuer, configuration(options));
  provider.proxy = true; // the step before says under which URL it is reached
  provider.Client.prototype.compareClientSecret = function compare(given: string): boolean {
    return isClientSecret(this.clientSecret, given);
  };
  // Where it stands is known: what a request says of its host decides nothing.
  provider.OIDCContext.prototype.urlFor = (name, of) => provider.urlFor(name, of);
  provider.use((ctx, next) => withLaunchContext(ctx as KoaContextWithOIDC, next, options));
  recordRefusals(provider, { tell: options.tell, address });
  return provider;
}

/**
 * Adds to a token answer, and to that of an introspection, what the app was launched for; gives the scopes of a client
 * their name.
 */
async function withLaunchContext(
  ctx: KoaContextWithOIDC,
  next: () => Promise<unknown>,
  options: ProviderOptions,
): Promise<void> {
  const { records } = options;
  await next();
  const body: unknown = ctx.body;
  if (ctx.status >= 300 || !isMembers(body)) return;
  // oidc-provider makes `oidc` for the requests that it knows
  const { route, entities } = (ctx.oidc as KoaContextWithOIDC['oidc'] | undefined) ?? {};
  if ((route === 'registration' || route === 'client') && 'smart_scope' in body) {
    const { smart_scope: scope, ...members } = body;
    ctx.body = { ...members, scope };
    return;
  }
  if (route === 'token' && entities?.Grant) {
    const { smart_version: version } = entities.Client as SmartClient;
    const context = await contextOfGrant(records, entities.Grant.jti);
    ctx.body = { ...body, ...contextMembers(context, version === '1') };
  }
  if (route !== 'introspection' || body['active'] !== true || !entities) return;
  const { AccessToken: access, RefreshToken: refresh } = entities;
  const token = access ?? refresh;
  const grant = token?.grantId;
  if (grant === undefined) return;
  const members = contextMembers(await contextOfGrant(records, grant), false);
  const { accountId } = token ?? {};
  const account = accountId === undefined ? undefined : await accountOf(options, accountId);
  const { fhirUser } = account?.claims() ?? {};
  ctx.body = { ...body, ...members, ...(fhirUser === undefined ? {} : { fhirUser }) };
}

const isMembers = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);

/** Where the request comes from that is being answered. */
const address = (): string | undefined => Provider.ctx && addressIn(Provider.ctx.res);

function configuration(options: ProviderOptions): Configuration {
  const { records, now, keys, cookieKeys, revoked, tell, isLocal, renderError, issuer } = options;
  const isSecure = issuer.startsWith('https:');
  const cookie = { httpOnly: true, sameSite: 'lax', secure: isSecure, signed: true } as const;
  return {
    adapter: recordAdapter({ records, now, revoked, tell, address }),
    jwks: { keys: [...keys] },
    scopes: [...plainScopes],
    claims: { openid: ['sub'], fhirUser: ['fhirUser'], profile: ['profile'] },
    conformIdTokenClaims: false,
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    enabledJWA: { clientAuthSigningAlgValues: [...signedBy], idTokenSigningAlgValues: ['RS256'] },
    clockTolerance: clockTolerance_s,
    responseTypes: ['code'],
    pkce: { required: (_ctx, client) => (client as SmartClient).smart_version !== '1' },
    extraParams: {
      aud: (_ctx, aud) => {
        requireBase(options, aud);
      },
      launch: null,
      [promptAdded]: null,
    },
    extraClientMetadata: { properties: [...clientProperties], validator: refuseForStrangers },
    cookies: {
      names: { session: 'claimwright', interaction: 'claimwright-step', resume: 'claimwright-resume' },
      long: cookie,
      short: cookie,
      keys: [...cookieKeys],
    },
    discovery: { scopes_supported: [...supportedScopes] },
    routes,
    features: features(options),
    ttl,
    clientBasedCORS: () => true, // no cookie counts at these endpoints: whoever asks brings what they are known by
    expiresWithSession: () => false, // what holds for a session only is taken back when it ends
    issueRefreshToken: (_ctx, client, source) =>
      client.grantTypeAllowed('refresh_token') &&
      (source.scopes.has('offline_access') || source.scopes.has('online_access')),
    rotateRefreshToken: (ctx) => ctx.oidc.client?.clientAuthMethod === 'none',
    // Every consent is a grant of its own: another patient in another tab changes nothing of this one.
    loadExistingGrant: async (ctx) => {
      const id = ctx.oidc.result?.consent?.grantId ?? (await silently(options, ctx));
      return id === undefined ? undefined : ctx.oidc.provider.Grant.find(id);
    },
    revokeGrantPolicy: () => true, // a token that is revoked takes along all that was given with it
    findAccount: (_ctx, id) => accountOf(options, id),
    interactions: { url: (_ctx, { uid }) => `${new URL(issuer).pathname}/step/${uid}` },
    renderError: (ctx, out) => {
      renderError(ctx, out);
    },
    assertJwtClientAuthClaimsAndHeader: (_ctx, claims) => {
      refuseLongAssertion(claims);
    },
    fetch: guardedFetch({ isLocal }),
  };
}

/** What was allowed before and still holds, for an app that may not or need not ask again. */
async function silently(options: ProviderOptions, ctx: KoaContextWithOIDC): Promise<string | undefined> {
  const { session, params, provider } = ctx.oidc;
  const client = ctx.oidc.client as SmartClient | undefined;
  const account = session?.accountId;
  if (client?.remembers_consent !== true || account === undefined) return undefined;
  const scopes = grantedScope(options, ctx, client).split(' ');
  const asked = { client, account, scopes, session: session?.uid, launch: params?.['launch'] };
  return options.remembered({ provider, ...asked });
}

const routes: Configuration['routes'] = {
  authorization: '/authorize',
  introspection: '/introspect',
  jwks: '/jwks',
  registration: '/register',
  revocation: '/revoke',
  token: '/token',
  end_session: '/end',
};

const ttl: Configuration['ttl'] = {
  AccessToken: lasts.accessToken,
  AuthorizationCode: lasts.code,
  ClientCredentials: lasts.systemToken,
  // Nothing tells when a session expires by itself: what is for a session only lasts no longer than one.
  Grant: (_ctx, grant) => (isForSession(grant.getOIDCScope().split(' ')) ? lasts.session : lasts.grant),
  IdToken: lasts.accessToken,
  Interaction: lasts.interaction,
  RefreshToken: lasts.refreshToken,
  Session: lasts.session,
};

/** What a client signs to prove who it is lasts five minutes at most, and is of itself. */
function refuseLongAssertion({ exp, sub, iss }: Readonly<Record<string, unknown>>): void {
  const latest = Math.floor(Date.now() / 1000) + assertionLasts_s + clockTolerance_s;
  if (sub !== iss) throw new errors.InvalidClientAuth('sub must be the client_id');
  if (typeof exp !== 'number' || exp > latest)
    throw new errors.InvalidClientAuth('the assertion lasts longer than five minutes');
}

function features(options: ProviderOptions): Configuration['features'] {
  const { base, registration } = options;
  return {
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    userinfo: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: {
      enabled: true,
      allowedPolicy: (_ctx, client, token) =>
        token.clientId === client.clientId || (client as SmartClient).introspects === true,
    },
    revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    registration: { enabled: registration, issueRegistrationAccessToken: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => base,
      useGrantedResource: () => true,
      getResourceServerInfo: (ctx, resource, client) => {
        if (resource !== base) throw new errors.InvalidTarget('the resource must be the FHIR base');
        return { scope: grantedScope(options, ctx, client), audience: base };
      },
    },
  };
}

/** The scopes of a request that the client may be given. */
function grantedScope({ parse }: ProviderOptions, ctx: KoaContextWithOIDC, client: SmartClient): string {
  const { params, route, entities } = ctx.oidc;
  const requested =
    typeof params?.['scope'] === 'string'
      ? params['scope']
      : (entities.RefreshToken?.scope ?? entities.AuthorizationCode?.scope ?? '');
  const isSystem = params?.['grant_type'] === 'client_credentials';
  const scopes = grantable(requested, { parse, isSystem, allowed: client.smart_scope });
  if (scopes.length === 0 && (isSystem || route === 'authorization'))
    throw new errors.InvalidScope('none of the scopes can be granted', requested);
  return scopes.join(' ');
}

/** `aud` must be this server's FHIR base: a token for another server must not be had here, nor one of ours there. */
function requireBase({ base }: ProviderOptions, aud: string | undefined): void {
  if (aud === base || aud === `${base}/`) return;
  throw new errors.InvalidRequest('aud must be the FHIR base URL of this server');
}

interface SignedInAccount {
  readonly accountId: string;
  readonly claims: () => { readonly sub: string; readonly fhirUser?: string; readonly profile?: string };
  readonly [member: string]: unknown;
}

/** An account as oidc-provider knows one: claims of `fhirUser` and `profile` are who they are in FHIR. */
async function accountOf(
  { accounts, base }: ProviderOptions,
  id: string,
): Promise<SignedInAccount | undefined> {
  const account = await accounts.byId(id);
  if (!account || account.isLocked === true) return undefined;
  const [user] = account.users;
  const fhirUser = user === undefined ? {} : { fhirUser: `${base}/${user}`, profile: `${base}/${user}` };
  return { accountId: id, claims: () => ({ sub: id, ...fhirUser }) };
}
