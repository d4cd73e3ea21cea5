import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { AccountAccess, AccountPermitted } from '../../access/accountAccess.ts';
import { openedRevision } from '../../access/opened.ts';
import type { Account as AccessAccount } from '../../access/resolveCaller.ts';
import type { Principal } from '../../interaction/asCaller.ts';
import { FhirError } from '../../outcome/fhirError.ts';
import { details } from '../../outcome/issue.ts';
import type { Account, Accounts } from './accounts.ts';
import { RevocationWatch } from './revocation.ts';
import { hashed } from './sealed.ts';
import type { Records } from '../../store/record.ts';

/** What a token that is valid grants, and to whom. */
export interface Granted {
  readonly client: string;
  readonly clientRoles: readonly string[]; // of a backend service
  readonly clientPractices?: readonly string[] | undefined;
  readonly account?: string; // none for a backend service
  readonly scope: string;
  readonly patient?: string;
  readonly expires: number; // epoch milliseconds
}

/** Looks a token up; undefined where it is none, has expired or was taken back. */
export type FindToken = (token: string) => Promise<Granted | undefined>;

interface Known {
  readonly principal: Principal;
  readonly checked: number; // when it was last asked what the account may, by performance.now()
  readonly opened: number; // see openedRevision
  readonly granted: Granted;
  readonly account: AccessAccount;
}

const knownMax = 10_000;
/** How long what an account may is taken as it was, in milliseconds. */
const checkedEvery = 1000;

interface Options {
  readonly records: Records;
  readonly now: () => string;
  readonly find: FindToken;
  readonly accounts: Accounts;
  readonly access: AccountAccess;
  /** Is told when something was taken back. */
  readonly revoked?: () => void;
}

/** Who brings a token. After its first use a token costs no read of the store until something is taken back. */
export class Tokens {
  readonly #options: Options;
  readonly #known = new LRUCache<string, Known>({ max: knownMax });
  readonly watch: RevocationWatch;
  #epoch = 0; // rises with every revocation that this server has heard of

  constructor(options: Options) {
    this.#options = options;
    this.watch = new RevocationWatch(options.records, () => {
      this.#epoch += 1;
      this.#known.clear();
      options.revoked?.();
    });
  }

  /** Throws 401 where the token is not valid. */
  principal(token: string): Principal | Promise<Principal> {
    const asking = this.watch.current();
    if (asking) return asking.then(() => this.#principal(token));
    return this.#principal(token);
  }

  #principal(token: string): Principal | Promise<Principal> {
    const key = hashed(token);
    const known = this.#known.get(key);
    if (!known) return this.#find(token, key);
    if (known.granted.expires <= Date.parse(this.#options.now())) {
      this.#known.delete(key);
      throw invalidToken();
    }
    const isFresh = performance.now() - known.checked < checkedEvery && known.opened === openedRevision();
    if (isFresh) return known.principal;
    return this.#resolve(key, known.granted, known.account, this.#epoch);
  }

  async #find(token: string, key: string): Promise<Principal> {
    const epoch = this.#epoch;
    const granted = await this.#options.find(token);
    if (!granted || granted.expires <= Date.parse(this.#options.now())) throw invalidToken();
    const account = await this.#accountOf(granted);
    if (!account) throw invalidToken();
    return this.#resolve(key, granted, account, epoch);
  }

  /** What was read before something was taken back is not remembered. */
  async #resolve(key: string, granted: Granted, account: AccessAccount, epoch: number): Promise<Principal> {
    const { scope, patient } = granted;
    const grant = patient === undefined ? { scope } : { scope, patient };
    const checked = performance.now();
    const opened = openedRevision();
    const permits = await this.#options.access.of(account, grant);
    const principal = principalFor(granted, account, permits);
    if (epoch === this.#epoch) this.#known.set(key, { principal, checked, opened, granted, account });
    return principal;
  }

  #accountOf(granted: Granted): Promise<AccessAccount | undefined> {
    return accountFor(this.#options.accounts, granted);
  }
}

/** Whose rights count under what was granted: the account's, or those of a service; undefined for a locked account. */
export async function accountFor(
  accounts: Accounts,
  { account: id, client, clientRoles, clientPractices }: Granted,
): Promise<AccessAccount | undefined> {
  if (id === undefined)
    return {
      name: client,
      kind: 'system',
      roles: clientRoles,
      users: [],
      ...(clientPractices === undefined ? {} : { practices: clientPractices }),
    };
  const account = await accounts.byId(id);
  return account && account.isLocked !== true ? accessAccount(account) : undefined;
}

/** Who asks under what was granted. */
export const principalFor = (
  granted: Granted,
  account: AccessAccount,
  permits: AccountPermitted,
): Principal => ({
  name: nameOf(granted),
  access: permits.access,
  permits,
  client: granted.client,
  roles: account.roles,
  grant: JSON.stringify(granted),
  ...(granted.account === undefined ? {} : { account: granted.account }),
  ...(account.users[0] === undefined ? {} : { user: account.users[0] }),
});

/** An account as access is decided for it. */
export const accessAccount = ({ id, roles, users, practices }: Account): AccessAccount => ({
  name: id,
  kind: 'user',
  roles,
  users,
  ...(practices === undefined ? {} : { practices }),
});

/**
 * What answers that are kept (Idempotency-Key, respond-async) belong to: who asked, by which app, under what scopes and
 * for which patient, so that a narrower token is not answered with what a wider one was.
 */
function nameOf({ account, client, scope, patient = '' }: Granted): string {
  const grant = createHash('sha256').update(`${scope} ${patient}`).digest('base64url').slice(0, 12);
  return account === undefined ? `${client}:${grant}` : `${account}@${client}:${grant}`;
}

/** The token of a request: what follows Bearer, if anything does. */
export const bearerOf = ({ headers: { authorization = '' } }: IncomingMessage): string | undefined =>
  /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(authorization)?.[1];

/** See https://www.rfc-editor.org/rfc/rfc6750#section-3 */
export const invalidToken = (): FhirError =>
  new FhirError(
    401,
    [
      {
        severity: 'error',
        code: 'unknown',
        details: details('unauthorized', 'the token is not valid, or no longer'),
      },
    ],
    { 'www-authenticate': 'Bearer realm="claimwright", error="invalid_token"' },
  );

export const tokenMissing = (): FhirError =>
  new FhirError(
    401,
    [
      {
        severity: 'error',
        code: 'login',
        details: details('unauthorized', 'send a token of the authorization server as Authorization: Bearer'),
      },
    ],
    { 'www-authenticate': 'Bearer realm="claimwright"' },
  );
