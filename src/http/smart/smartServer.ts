import type { Provider } from 'oidc-provider';
import { AccountAccess } from '../../access/accountAccess.ts';
import { parseScope } from '../../access/scope.ts';
import type { Context } from '../../interaction/context.ts';
import { asServer } from '../../store/access/asServer.ts';
import type { Records } from '../../store/record.ts';
import type { Store } from '../../store/store.ts';
import { eventTeller, type TellEvent } from '../audit/authorizationEvents.ts';
import { Accounts } from './accounts.ts';
import { issuerOf } from './discovery.ts';
import { hashed } from './sealed.ts';
import { storeSecret } from './storeSecret.ts';
import { loadProvider } from './loadProvider.ts';
import { Tokens, type Granted } from './tokens.ts';
import { securityPolicy } from './page/html.ts';
import { problemPage } from './page/problem.ts';
import { languageOf } from './page/text.ts';
import { isLoopback } from '../../datatypes/host.ts';

export interface SmartSettings {
  readonly auth: 'off' | 'smart';
  readonly registration: boolean;
}

/** The authorization server of one FHIR server. What it needs is loaded and made when somebody first asks for it. */
export class SmartServer {
  readonly base: string; // of FHIR
  readonly issuer: string;
  readonly context: Context;
  readonly store: Store; // sees everything
  readonly records: Records;
  readonly now: () => string;
  readonly accounts: Accounts;
  readonly access: AccountAccess;
  readonly tokens: Tokens;
  readonly settings: SmartSettings;
  /** Records what was done; a page or an answer leaves when that is flushed. */
  readonly tell: TellEvent;
  /** Reached from its own machine only: one-time links may sign in, and private addresses may be asked. */
  readonly isLocal: boolean;
  #made: { readonly provider: Provider; readonly kids: string } | undefined;
  #making: Promise<Provider> | undefined;
  #isStale = true;

  constructor(context: Context, settings: SmartSettings) {
    const { publicUrl, now } = context;
    this.base = publicUrl;
    this.issuer = issuerOf(publicUrl);
    this.isLocal = isLoopback(new URL(publicUrl).hostname);
    this.context = context;
    this.store = asServer(context.store);
    this.records = this.store.records;
    this.now = now;
    this.tell = eventTeller(this.store.audit, now);
    this.settings = settings;
    this.accounts = new Accounts({
      records: this.records,
      now,
      tell: () => this.tokens.watch.tell(),
    });
    this.access = new AccountAccess({ store: this.store, now });
    this.tokens = new Tokens({
      records: this.records,
      now,
      accounts: this.accounts,
      access: this.access,
      find: (token) => this.#findToken(token),
      revoked: () => {
        this.#isStale = true; // keys may have been rotated
      },
    });
  }

  /** A secret of the store for a purpose: cookies are signed with it, and forms are proved to be ours. */
  async secretFor(purpose: string): Promise<string> {
    return hashed(`${purpose} ${await storeSecret(this.records)}`);
  }

  /** The provider with the signing keys of today. */
  async provider(): Promise<Provider> {
    await this.tokens.watch.current();
    if (this.#made && !this.#isStale) return this.#made.provider;
    this.#making ??= this.#make().finally(() => (this.#making = undefined));
    return this.#making;
  }

  async #make(): Promise<Provider> {
    this.#isStale = false;
    const [{ smartProvider }, { signingKeys }] = await Promise.all([
      loadProvider(),
      import('./signingKeys.ts'),
    ]);
    const keys = await signingKeys(this.records, this.now);
    const kids = keys.map(({ kid }) => kid ?? '').join(' ');
    if (this.#made?.kids === kids) return this.#made.provider;
    const provider = smartProvider({
      records: this.records,
      now: this.now,
      accounts: this.accounts,
      base: this.base,
      issuer: this.issuer,
      keys,
      cookieKeys: [await this.secretFor('cookie')],
      parse: (scope) => parseScope(scope, this.store.registry),
      revoked: () => this.tokens.watch.tell(),
      tell: this.tell,
      registration: this.settings.registration,
      isLocal: this.isLocal,
      remembered: async (asked) => (await import('./rememberedGrant.ts')).silentGrant(this, asked),
      renderError: (ctx, { error }) => {
        ctx.set('Content-Security-Policy', securityPolicy());
        ctx.type = 'html';
        ctx.body = problemPage(languageOf(ctx.req), error).html;
      },
    });
    this.#made = { provider, kids };
    return provider;
  }

  async #findToken(value: string): Promise<Granted | undefined> {
    const provider = await this.provider();
    const user = await provider.AccessToken.find(value);
    const token = user ?? (await provider.ClientCredentials.find(value));
    if (!token || token.aud !== this.base || token.exp === undefined || token.clientId === undefined)
      return undefined;
    const client = await provider.Client.find(token.clientId);
    if (!client) return undefined;
    const { roles, practices } = client as unknown as {
      roles?: readonly string[];
      practices?: readonly string[];
    };
    const granted: Granted = {
      client: client.clientId,
      clientRoles: roles ?? [],
      clientPractices: practices,
      scope: token.scope ?? '',
      expires: token.exp * 1000,
    };
    if (!user) return granted;
    const grant = await provider.Grant.find(user.grantId);
    if (!grant || grant.accountId !== user.accountId || grant.clientId !== client.clientId) return undefined;
    const { contextOfGrant } = await import('./launchContext.ts');
    const { patient } = await contextOfGrant(this.records, user.grantId);
    return { ...granted, account: user.accountId, ...(patient === undefined ? {} : { patient }) };
  }
}
