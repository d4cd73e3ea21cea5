import { LRUCache } from 'lru-cache';
import { errors, type Adapter, type AdapterPayload } from 'oidc-provider';
import type { KeptRecord, Records } from '../../store/record.ts';
import type { TellEvent } from '../audit/authorizationEvents.ts';
import { takeBack } from './grants.ts';
import { clientSecretPrefix, hashed, hashedClientSecret, sealed, unsealed } from './sealed.ts';
import { sessionsOf } from './storeSecret.ts';

/** Models whose id opens a door by itself: they are kept under its hash, encrypted with a key derived from it. */
const secretModels = new Set([
  'AccessToken',
  'RefreshToken',
  'AuthorizationCode',
  'ClientCredentials',
  'Session',
  'Interaction',
  'RegistrationAccessToken',
  'InitialAccessToken',
  'PushedAuthorizationRequest',
]);

const sessionByUid = 'SessionUid';
/** Sessions that are remembered to have been found: longer ago than any request lasts. */
const foundMax = 10_000;

interface Options {
  readonly records: Records;
  readonly now: () => string;
  /** Is told when tokens were taken back: those that servers remember are dropped. */
  readonly revoked: () => Promise<void>;
  readonly tell: TellEvent;
  /** Where the request comes from that is being answered. */
  readonly address: () => string | undefined;
}

/** What is recorded when something of a model is kept. */
const told: Readonly<Partial<Record<string, 'token-issued' | 'app-registered'>>> = {
  AccessToken: 'token-issued',
  RefreshToken: 'token-issued',
  ClientCredentials: 'token-issued',
  Client: 'app-registered',
};

/** Keeps what oidc-provider keeps as records of the store. */
export const recordAdapter =
  (options: Options): ((name: string) => Adapter) =>
  (name) =>
    new RecordAdapter(name, options);

class RecordAdapter implements Adapter {
  readonly #name: string;
  readonly #options: Options;
  readonly #isSecret: boolean;
  readonly #found = new LRUCache<string, true>({ max: foundMax }); // sessions, by their keys

  constructor(name: string, options: Options) {
    this.#name = name;
    this.#options = options;
    this.#isSecret = secretModels.has(name);
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const { records, now, tell, address } = this.#options;
    const expires = expiresIn ? Date.parse(now()) + expiresIn * 1000 : undefined;
    const record = this.#recordOf(id, payload, expires);
    if (this.#name === 'ReplayDetection') {
      // Of two that bring one assertion at once only one is first.
      if (await records.add(record)) return;
      throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
    }
    if (!(await this.#kept(id, record))) return;
    const e = told[this.#name];
    if (e !== undefined) {
      const c = payload.clientId ?? payload.client_id;
      await tell({ e, s: '0', a: address(), c, u: payload.accountId, d: payload.scope });
    }
    if (this.#name === 'Session' && payload.uid !== undefined)
      await records.keep({
        ...record,
        kind: sessionByUid,
        key: hashed(payload.uid),
        value: JSON.stringify(sealed(id, payload.uid)),
      });
  }

  /**
   * Keeps a record; false for a session that was found before and has ended since. Whoever signed out while a request
   * was under way stays signed out, though that request saves the session at its end.
   */
  async #kept(id: string, record: KeptRecord): Promise<boolean> {
    const { records } = this.#options;
    if (this.#name !== 'Session' || !this.#found.has(record.key)) {
      await records.keep(record);
      return true;
    }
    for (;;) {
      const current = await records.find(record.kind, this.#keyOf(id));
      if (!current) return false;
      if (await records.replace(record, current.value)) return true;
    }
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const found = await this.#options.records.find(this.#name, this.#keyOf(id));
    if (found && this.#name === 'Session') this.#found.set(found.key, true);
    return this.#read(id, found);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const found = await this.#options.records.find(sessionByUid, hashed(uid));
    return found && this.find(unsealed(JSON.parse(found.value) as string, uid));
  }

  /** There is no flow in which a user types a code of a device. */
  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async consume(id: string): Promise<void> {
    const { records, now, revoked } = this.#options;
    const found = await records.find(this.#name, this.#keyOf(id));
    const payload = this.#read(id, found);
    if (!found || !payload) throw new errors.InvalidGrant('not found');
    const consumed = { ...payload, consumed: Math.floor(Date.parse(now()) / 1000) };
    const isFirst =
      payload.consumed === undefined &&
      (await records.replace(this.#recordOf(id, consumed, found.expires), found.value));
    if (isFirst) return;
    // Whoever comes second may be a thief, and so may who came first: all that came of it is taken back.
    await takeBack(records, found.grant === undefined ? [] : [found.grant], revoked);
    throw new errors.InvalidGrant('already used');
  }

  async destroy(id: string): Promise<void> {
    const { records, tell, address } = this.#options;
    const payload = told[this.#name] === 'token-issued' ? await this.find(id) : undefined;
    await records.remove(this.#name, this.#keyOf(id));
    if (payload)
      await tell({ e: 'token-taken-back', s: '0', a: address(), c: payload.clientId, u: payload.accountId });
    if (['AccessToken', 'ClientCredentials', 'Grant'].includes(this.#name)) await this.#options.revoked();
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.#options.records.removeGrant(grantId);
    await this.#options.revoked();
  }

  #keyOf(id: string): string {
    return this.#isSecret ? hashed(id) : id;
  }

  #read(id: string, record: KeptRecord | undefined): AdapterPayload | undefined {
    if (!record) return undefined;
    const text = this.#isSecret ? unsealed(JSON.parse(record.value) as string, id) : record.value;
    return JSON.parse(text) as AdapterPayload;
  }

  #recordOf(id: string, payload: AdapterPayload, expires: number | undefined): KeptRecord {
    const text = JSON.stringify(this.#name === 'Client' ? withHashedSecret(payload) : payload);
    const grant = grantOf(this.#name, payload);
    return {
      kind: this.#name,
      key: this.#keyOf(id),
      value: this.#isSecret ? JSON.stringify(sealed(text, id)) : text,
      ...(expires === undefined ? {} : { expires }),
      ...(grant === undefined ? {} : { grant }),
    };
  }
}

function grantOf(name: string, { grantId, accountId }: AdapterPayload): string | undefined {
  if (name === 'Session') return accountId === undefined ? undefined : sessionsOf(accountId);
  return name === 'Interaction' || name === 'Client' ? undefined : grantId;
}

function withHashedSecret(payload: AdapterPayload): AdapterPayload {
  const { client_secret: secret } = payload;
  if (secret === undefined || secret.startsWith(clientSecretPrefix)) return payload;
  return { ...payload, client_secret: hashedClientSecret(secret) };
}
